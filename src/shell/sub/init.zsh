# dctx shell: what is loaded after the person's start-up files.
@INIT@
