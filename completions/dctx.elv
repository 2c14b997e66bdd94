# dctx: completion. What fits is asked of dctx at each TAB; nothing that is offered is ever evaluated.
use str

set edit:completion:arg-completer[dctx] = {|@line|
  var words = $line[1..]
  var answer = []
  try {
    set answer = [((external dctx) __complete line -- (each {|word| put '='$word } $words) 2>&- | from-lines)]
  } catch {
    nop
  }
  if (eq $answer []) {
    return
  }
  var kind @rest = (str:split "\t" $answer[0])
  if (eq $kind words) {
    each {|row|
      var word @about = (str:split "\t" $row)
      var display = $word
      if (not-eq $about []) {
        set display = $word' ('$about[0]')'
      }
      edit:complex-candidate $word &code-suffix=' ' &display=$display
    } $answer[1..]
  } elif (eq $kind command) {
    # as sudo has it: the command of another one
    edit:complete-sudo dctx (all $words[$rest[0]..])
  } else {
    # what stands before the path in its word, such as --ca=
    var lead = $rest[0]
    edit:complete-filename (str:trim-prefix $words[-1] $lead) | each {|file|
      if (or (eq $kind files) (str:has-suffix $file[stem] /)) {
        edit:complex-candidate $lead$file[stem] &code-suffix=$file[code-suffix] &display=$file[display]
      }
    }
  }
}
