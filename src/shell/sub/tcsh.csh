# dctx shell: tcsh reads this in place of ~/.tcshrc, for it has no option to read anything else. HOME is put
# back at once, so that the person's own file and the history are found where they always were.
if ($?DCTX_FORMER) then
  setenv HOME "$DCTX_FORMER:q"
  set home = "$DCTX_FORMER:q"
  unsetenv DCTX_FORMER
endif
if (-r ~/.tcshrc && $?tcsh) then
  source ~/.tcshrc
else if (-r ~/.cshrc) then
  source ~/.cshrc
endif
# The profile's variables once more, whatever that file has exported.
eval "$DCTX_START:q"
unsetenv DCTX_START
unsetenv DCTX_STARTING
@INIT@
if ($?prompt && $?tcsh) set prompt = '(%$DCTX_PROFILE) '"$prompt:q"
