# dctx: plain `dctx use NAME` and `dctx reset` act on this shell. Loading this twice is harmless.
# Their script is what they print; standard input and errors stay yours. Every other command runs as if there
# were no function, and may know that there is one (DCTX_HOOK).
@complete "nu-complete dctx"
def --env --wrapped dctx [...args: string] {
  let verb = $args | where {|word| $word !~ '^(-.*|auto|always|never)$' } | get 0? | default ''
  # inside a sub-shell of dctx another one takes its place
  let inside = $verb == 'shell' and ($env.DCTX_SUBSHELL? | default '') != ''
  let ours = $inside or $verb in [use env reset off __hook]
  # whether the hook still runs at each prompt; the configuration that it is in may have been assigned since
  let hook = if not $nu.is-interactive {
    '1'
  } else if ($env.config.hooks.pre_prompt? | default [] | any {|hook| ($hook | describe) == closure and '__dctx_prompt' in (view source $hook) }) {
    'prompt'
  } else {
    'lost $env.config.hooks.pre_prompt='
  }
  if not $ours or '-h' in $args or '--help' in $args {
    with-env {DCTX_HOOK: $hook} { ^dctx ...$args }
  } else {
    # after `cd` on the same line the directory comes first, as it would at a prompt
    let before = $env.__dctx_pwd? | default ''
    if $verb != '__hook' and $before != '' and $env.PWD != $before {
      __dctx_prompt
    }
    let script = with-env {DCTX_SHELL: nu, DCTX_HOOK: $hook} { ^dctx ...$args }
    let changes = $script | default --empty '{}' | from json | transpose name value
    for change in ($changes | where value != null) {
      load-env {$change.name: $change.value}
    }
    hide-env --ignore-errors ...($changes | where value == null | get name)
  }
}

# Whether the variables are those that `dctx use` set: DCTX_SAVED ends in them.
def __dctx_set [] {
  let now = [DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_TLS DOCKER_CERT_PATH DOCKER_CONTEXT] | each {|name| $env | get --optional $name | default '' } | str join ','
  $env.DCTX_SAVED? | default '' | str ends-with $',.=($now)'
}

# At the prompt: starts no process unless something has changed.
def --env __dctx_prompt [] {
  mut go = false
  # what a shell inherits, its own start-up files may have changed
  let first = ($env.__dctx_pwd? | default '') == '' and ($env.DCTX_PROFILE? | default '') != '' and not (__dctx_set)
  if $first {
    $go = true
  }
  let home = $env.XDG_STATE_HOME? | default ''
  let state = (if $home starts-with '/' { $home } else { $'($env.HOME)/.local/state' }) | path join dctx
  let expires = $env.DCTX_EXPIRES? | default ''
  if $expires =~ '^[0-9]+$' and ($expires | into int) <= ((date now | into int) // 1_000_000_000) {
    $go = true
  }
  # a reset of this session has nothing more to hide once that choice is revoked
  if $env.DCTX_SAVED? == '' and not ($state | path join universal | path exists) {
    hide-env DCTX_SAVED
  }
  # what this session chose stays; the file's first line is another one for every choice
  let saved = $env.DCTX_SAVED?
  if $saved == null or ($saved starts-with 'u1,#=') {
    let file = $state | path join universal
    let token = if ($file | path type) == file { open --raw $file | lines | get 0? | default '' } else { '' }
    let mine = $saved | default 'u1,#=,'
    if not ($mine starts-with $'u1,#=($token),') and $token != ($env.__dctx_tried? | default '-') {
      $env.__dctx_tried = $token
      $go = true
    }
  }
  if $env.PWD != ($env.__dctx_pwd? | default '') {
    $env.__dctx_pwd = $env.PWD
    if ($env.DCTX_SUBSHELL? | default '') == '' {
      let note = $state | path join dirs
      let found = if ($note | path type) == file { open --raw $note | lines } else { [] }
      let variables = [DCTX_CONFIG_DIR XDG_CONFIG_HOME DCTX_PATH] | each {|name| $env | get --optional $name | default '' } | str join '|'
      if ($env.DCTX_DIR? | default '') != '' or ($found | take 2) != [none $variables] {
        $go = true
      } else {
        let noted = ls --directory $note | get 0.modified
        let newer = $found | skip 2 | where {|path| ($path | path exists) and (ls --directory $path | get 0.modified) > $noted }
        $go = $go or ($newer | is-not-empty)
      }
    }
  }
  if $go {
    try { if $first { dctx __hook --start } else { dctx __hook } }
  }
  # a private key that is in no file is let go of once it is seen that this shell has left it
  let left = $env.__dctx_key? | default ''
  $env.__dctx_key = $env.DOCKER_CERT_PATH? | default ''
  if $left != $env.__dctx_key and '/keys/' in $left {
    try { dctx __hook }
  }
  let name = $env.DCTX_PROFILE? | default ''
  if $name != '' {
    let mark = if (__dctx_set) { '' } else { '?' }
    let text = ($name | str replace --all --regex '[^A-Za-z0-9._+-]' '?') + $mark
    # other prompts show this one
    let machine = $env.DOCKER_MACHINE_NAME? | default ''
    if $machine == $name or $machine ends-with '?' {
      $env.DOCKER_MACHINE_NAME = $text
    }
    let protected = $',($env.DCTX_SAVED? | default ''),' =~ ',!,'
    $env.DCTX_PROMPT = if $protected { $'($text) protected' } else { $text }
  } else {
    hide-env --ignore-errors DCTX_PROMPT
    if ($env.DOCKER_MACHINE_NAME? | default '') ends-with '?' {
      hide-env DOCKER_MACHINE_NAME
    }
  }
}

$env.config.hooks.pre_prompt = ($env.config.hooks.pre_prompt? | default [] | where {|hook|
  ($hook | describe) != closure or '__dctx_prompt' not-in (view source $hook)
} | append {|| __dctx_prompt })
