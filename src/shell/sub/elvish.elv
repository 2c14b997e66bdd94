# dctx shell: elvish reads this in place of the person's rc.elv, which comes first, and whose names are
# made known at the prompt as if it had been read itself.
use path
use str
# The profile's variables once more, whatever the person's file has exported; once.
var __dctx_start = {
  nop '__dctx_start'
  if (has-env DCTX_START) {
    eval $E:DCTX_START
    unset-env DCTX_START
    unset-env DCTX_STARTING
    set edit:before-readline = [(each {|f|
      if (not (and (eq (kind-of $f) fn) (has-key $f body) (str:contains $f[body] __dctx_start))) {
        put $f
      }
    } $edit:before-readline)]
    var before = $edit:before-readline
@INIT@
    # those that this prompt does not know of yet
    each {|f|
      if (not (has-value $before $f)) {
        $f
      }
    } $edit:before-readline
  }
}
# Ctrl-C in that file ends this one, too; then the first prompt does what is left to do.
set edit:before-readline = [$__dctx_start $@edit:before-readline]
{
  var rc = (if (has-env XDG_CONFIG_HOME) {
    put $E:XDG_CONFIG_HOME/elvish/rc.elv
  } else {
    put ~/.config/elvish/rc.elv
  })
  if (path:is-regular &follow-symlink=$true $rc) {
    try {
      eval (slurp < $rc) &on-end={|ns| for name [(keys $ns)] { edit:add-var $name $ns[$name] } }
    } catch e {
      print (to-string $e)"\n" >&2
    }
  }
}
$__dctx_start
del __dctx_start
