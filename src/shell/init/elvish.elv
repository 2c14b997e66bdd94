# dctx: plain `dctx use NAME` and `dctx reset` act on this shell. Loading this twice is harmless.
# Their script is what they print; standard input and errors stay yours. Every other command runs as if there
# were no function, and may know that there is one (DCTX_HOOK).
use path
use re
use str
{
  var is-look = {|f|
    and (eq (kind-of $f) fn) (has-key $f body) (str:contains $f[body] __dctx_prompt)
  }
  # whether the hook still runs at each prompt; the list that it is in may have been assigned since
  var how = {
    if (has-value [(each $is-look $edit:before-readline)] $true) {
      put prompt
    } else {
      put 'lost edit:before-readline='
    }
  }
  var captured = {|args|
    tmp E:DCTX_SHELL = elvish
    tmp E:DCTX_HOOK = ($how)
    put ((external dctx) $@args | slurp)
  }
  var last = [&pwd='' &token=- &key='']
  var look = { }
  var run = {|@args|
    var verb = ''
    for word $args {
      if (and (not (str:has-prefix $word -)) (not (has-value [auto always never] $word))) {
        set verb = $word
        break
      }
    }
    var ours = (has-value [use env reset off __hook] $verb)
    # inside a sub-shell of dctx another one takes its place
    if (and (eq $verb shell) (not-eq $E:DCTX_SUBSHELL '')) {
      set ours = $true
    }
    if (or (has-value $args -h) (has-value $args --help)) {
      set ours = $false
    }
    if $ours {
      # after `cd` on the same line the directory comes first, as it would at a prompt
      if (and (not-eq $verb __hook) (not-eq $last[pwd] '') (not-eq $pwd $last[pwd])) {
        $look
      }
      var script = ($captured $args)
      eval $script
    } else {
      tmp E:DCTX_HOOK = ($how)
      (external dctx) $@args
    }
  }
  edit:add-var dctx~ $run

  # At the prompt: starts no process unless something has changed.
  var first-line = {|file|
    var line = ''
    if (path:is-regular $file) {
      set line = (read-line < $file)
    }
    put $line
  }
  # Whether the variables are those that `dctx use` set: DCTX_SAVED ends in them.
  var is-set = {
    str:has-suffix $E:DCTX_SAVED ',.='$E:DOCKER_HOST','$E:DOCKER_TLS_VERIFY','$E:DOCKER_TLS','$E:DOCKER_CERT_PATH','$E:DOCKER_CONTEXT
  }
  set look = {
    nop '__dctx_prompt'
    var go = $false
    var first = []
    # what a shell inherits, its own start-up files may have changed
    if (and (eq $last[pwd] '') (not-eq $E:DCTX_PROFILE '') (not ($is-set))) {
      set go = $true
      set first = [--start]
    }
    var state = $E:HOME/.local/state/dctx
    if (str:has-prefix $E:XDG_STATE_HOME /) {
      set state = $E:XDG_STATE_HOME/dctx
    }
    # elvish has no clock of its own
    if (re:match '^[0-9]+$' $E:DCTX_EXPIRES) {
      if (>= ((external date) +%s) $E:DCTX_EXPIRES) {
        set go = $true
      }
    }
    # a reset of this session has nothing more to hide once that choice is revoked
    if (and (has-env DCTX_SAVED) (eq $E:DCTX_SAVED '') (not (path:is-regular $state/universal))) {
      unset-env DCTX_SAVED
    }
    # what this session chose stays; the file's first line is another one for every choice
    if (or (not (has-env DCTX_SAVED)) (str:has-prefix $E:DCTX_SAVED 'u1,#=')) {
      var token = ($first-line $state/universal)
      var mine = 'u1,#=,'
      if (has-env DCTX_SAVED) {
        set mine = $E:DCTX_SAVED
      }
      if (and (not (str:has-prefix $mine 'u1,#='$token',')) (not-eq $token $last[token])) {
        set last = (assoc $last token $token)
        set go = $true
      }
    }
    if (not-eq $pwd $last[pwd]) {
      set last = (assoc $last pwd $pwd)
      if (eq $E:DCTX_SUBSHELL '') {
        var note = [(if (path:is-regular $state/dirs) { from-lines < $state/dirs })]
        var variables = $E:DCTX_CONFIG_DIR'|'$E:XDG_CONFIG_HOME'|'$E:DCTX_PATH
        if (or (not-eq $E:DCTX_DIR '') (< (count $note) 2) (not-eq $note[..2] [none $variables])) {
          set go = $true
        }
      }
    }
    if $go {
      try {
        $run __hook $@first
      } catch {
        nop
      }
    }
    # a private key that is in no file is let go of once it is seen that this shell has left it
    if (not-eq $E:DOCKER_CERT_PATH $last[key]) {
      var left = $last[key]
      set last = (assoc $last key $E:DOCKER_CERT_PATH)
      if (str:contains $left /keys/) {
        try {
          $run __hook
        } catch {
          nop
        }
      }
    }
    if (not-eq $E:DCTX_PROFILE '') {
      var text = (re:replace '[^A-Za-z0-9._+-]' '?' $E:DCTX_PROFILE)
      if (not ($is-set)) {
        set text = $text'?'
      }
      # other prompts show this one
      if (or (eq $E:DOCKER_MACHINE_NAME $E:DCTX_PROFILE) (str:has-suffix $E:DOCKER_MACHINE_NAME '?')) {
        set E:DOCKER_MACHINE_NAME = $text
      }
      if (str:contains ','$E:DCTX_SAVED',' ',!,') {
        set text = $text' protected'
      }
      set E:DCTX_PROMPT = $text
    } else {
      unset-env DCTX_PROMPT
      if (str:has-suffix $E:DOCKER_MACHINE_NAME '?') {
        unset-env DOCKER_MACHINE_NAME
      }
    }
  }
  var others = [(each {|f|
    if (not ($is-look $f)) {
      put $f
    }
  } $edit:before-readline)]
  set edit:before-readline = [$@others $look]
}
