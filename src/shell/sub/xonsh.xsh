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


__dctx_start()
del __dctx_start
@INIT@
