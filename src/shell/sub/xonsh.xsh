# dctx shell: xonsh reads this in place of the person's rc files, which come first, as they are.
def __dctx_start():
    from xonsh.environ import xonshrc_context
    x = __xonsh__
    env = x.env
    xonshrc_context(
        rcfiles=env.get('XONSHRC'), rcdirs=env.get('XONSHRC_DIR'), execer=x.execer, ctx=x.ctx, env=env, login=True
    )
    # The profile's variables once more, whatever those files have exported.
    x.execer.exec(env.pop('DCTX_START'), glbs=x.ctx)
    env.pop('DCTX_STARTING', None)
    # The profile before the prompt.
    before = env['PROMPT']

    def prompt():
        name = env.get('DCTX_PROFILE')
        text = ''
        if name and ',!,' not in ',' + str(env.get('DCTX_SAVED')) + ',':
            text = '(' + name + ') '
        elif name and not env.get('NO_COLOR'):
            text = '{RED}(' + name + ' protected){RESET} '
        elif name:
            text = '(' + name + ' protected) '
        return text + (before() if callable(before) else before)

    env['PROMPT'] = prompt


__dctx_start()
del __dctx_start
@INIT@
