# dctx shell: elvish reads this in place of the person's rc.elv, which comes first, and whose names are
# made known at the prompt as if it had been read itself.
use path
use str
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
# The profile's variables once more, whatever that file has exported.
eval $E:DCTX_START
unset-env DCTX_START
unset-env DCTX_STARTING
@INIT@
