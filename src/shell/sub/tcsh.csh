# dctx shell: tcsh reads this in place of ~/.tcshrc, for it has no option to read anything else. HOME is put
# back at once, so that the person's own file and the history are found where they always were.
if ($?DCTX_FORMER) then
  setenv HOME "$DCTX_FORMER:q"
  set home = "$DCTX_FORMER:q"
  unsetenv DCTX_FORMER
endif
# An error in that file ends this one, too; then the first prompt does what is left to do.
if ($?DCTX_START) alias precmd 'unalias precmd; eval "$DCTX_START:q"; unsetenv DCTX_START DCTX_STARTING'
if (-r ~/.tcshrc && $?tcsh) then
  source ~/.tcshrc
else if (-r ~/.cshrc) then
  source ~/.cshrc
endif
# The profile's variables once more, whatever that file has exported.
if ($?DCTX_START) then
  eval "$DCTX_START:q"
  unsetenv DCTX_START DCTX_STARTING
  if ("`alias precmd`" =~ *DCTX_STARTING*) unalias precmd
endif
@INIT@
# The profile before the prompt, which looks the variable up each time.
if ($?prompt && $?tcsh && $?DCTX_SAVED) then
  if (",$DCTX_SAVED," !~ *,\!,*) then
    set prompt = '(%$DCTX_PROFILE) '"$prompt:q"
  else if ($?NO_COLOR) then
    set prompt = '(%$DCTX_PROFILE protected) '"$prompt:q"
  else
    set prompt = '%{\033[31m%}(%$DCTX_PROFILE protected)%{\033[0m%} '"$prompt:q"
  endif
endif
