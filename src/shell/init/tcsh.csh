# dctx: plain `dctx use NAME` and `dctx reset` act on this shell. Loading this twice is harmless. It is the file
# ~/.dctx.csh: the alias is one command that reads it, so `dctx ls | grep x` and the like work as they always did.
set __dctx_status = 0
if ("$argv:q" == --load) then
  alias dctx 'source ~/.dctx.csh --run \!*'
  # Nothing is looked at again at the prompt; a choice for every shell is taken up as this one starts.
  if ($?prompt) eval "`env DCTX_SHELL=tcsh DCTX_HOOK=1 dctx __hook --start`"
else if ($#argv > 0) then
  if ("$argv[1]" == --run) then
    shift
    set __dctx_verb = ''
    foreach __dctx_word ($argv:q)
      if ("$__dctx_word:q" !~ -* && "$__dctx_word:q" !~ {auto,always,never}) then
        set __dctx_verb = "$__dctx_word:q"
        break
      endif
    end
    # inside a sub-shell of dctx another one takes its place
    if ("$__dctx_verb:q" == shell && $?DCTX_SUBSHELL) set __dctx_verb = use
    if ("$__dctx_verb:q" =~ {use,env,reset,off} && " $argv:q " !~ *\ {-h,--help}\ *) then
      eval "`env DCTX_SHELL=tcsh DCTX_HOOK=1 dctx $argv:q`"
      set __dctx_status = $status
    else
      env DCTX_HOOK=1 dctx $argv:q
      set __dctx_status = $status
    endif
    unset __dctx_word __dctx_verb
  endif
endif
# the last word of this file is the status
(exit $__dctx_status)
