# Nothing of a plain sh runs at its prompts, so this is done once, as it starts.
case $- in *i*) __dctx_prompt ;; esac
