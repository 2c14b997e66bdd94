# dctx: completion. What fits is asked of dctx at each TAB; nothing that is offered is ever evaluated.
# For nushell 0.115 and newer.
def "nu-complete dctx" [spans: list<string>] {
  # the words without the quotes they are typed in
  let words = $spans | skip 1 | str replace --regex "^([\"'`])(.*?)\\1?$" '$2'
  let answer = try {
    ^dctx __complete line -- ...($words | each { $"=($in)" }) | complete | get stdout | lines
  } catch { [] }
  let first = $answer | get 0? | default "" | split row "\t"
  let detail = $first | get 1? | default ""
  if $first.0 == "words" {
    return ($answer | skip 1 | split column "\t" value description)
  }
  # the shell completes what stands behind --, and what stands behind --ca=
  let text = match $first.0 {
    "command" => ("^" + ($spans | skip (($detail | into int) + 1) | str join " "))
    "files" | "dirs" => ($words | last | str replace $detail "")
    _ => { return [] }
  }
  let found = match $first.0 {
    "files" => ($text | commandline complete --detailed --type path)
    "dirs" => ($text | commandline complete --detailed --type directory)
    _ => ($text | commandline complete --detailed)
  }
  # what is found may take the place of the end of a word only
  let at = ($text | str length) - ($spans | last | str length)
  $found | each {|one|
    let lead = match $first.0 {
      "command" => ($text | str substring $at..<$one.span.start)
      _ => $detail
    }
    $one | reject span | update value $"($lead)($one.value)"
  }
}

# A completer of your own goes on with every other command.
$env.config.completions.external.completer = do {
  let other = $env.config.completions.external.completer?
  if $other != null and "nu-complete dctx" in (view source $other) {
    $other
  } else {
    {|spans|
      if $spans.0 == dctx {
        nu-complete dctx $spans
      } else if $other != null {
        do $other $spans
      }
    }
  }
}
