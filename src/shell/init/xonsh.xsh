# dctx: plain `dctx use NAME` and `dctx reset` act on this shell. Loading this twice is harmless.
# Their script is what they print; standard input and errors stay yours. Every other command runs as if there
# were no function, and may know that there is one (DCTX_HOOK).
def __dctx_init():
    import os
    import re
    import shutil
    import subprocess
    import sys
    import time
    from xonsh.built_ins import XSH
    from xonsh.tools import uncapturable, unthreadable

    env = XSH.env

    def get(name):
        value = env.get(name)
        return '' if value is None else str(value)

    def start(args, captured, stdout=None):
        variables = dict(env.detype())
        # whether the hook still runs at each prompt
        runs = any(getattr(one, '__dctx__', False) for one in XSH.builtins.events.on_pre_prompt)
        at_prompt = 'prompt' if runs else 'lost on_pre_prompt='
        variables['DCTX_HOOK'] = at_prompt if env.get('XONSH_INTERACTIVE') else '1'
        if captured:
            variables['DCTX_SHELL'] = 'xonsh'
            stdout = subprocess.PIPE
        program = shutil.which('dctx', path=variables.get('PATH'))
        if program is None:
            print('dctx: command not found', file=sys.stderr)
            return 127
        done = subprocess.run([program] + args, env=variables, stdout=stdout)
        if captured and done.returncode == 0:
            XSH.execer.exec(done.stdout.decode('ascii') + '\n', glbs=XSH.ctx)
        return done.returncode if done.returncode >= 0 else 128 - done.returncode

    def ours(args):
        verb = next((word for word in args if not re.fullmatch('-.*|auto|always|never', word)), '')
        # inside a sub-shell of dctx another one takes its place
        takes = verb in ('use', 'env', 'reset', 'off', '__hook') or (verb == 'shell' and get('DCTX_SUBSHELL') != '')
        return takes and '-h' not in args and '--help' not in args

    @unthreadable
    @uncapturable
    def switch(args):
        # after `cd` on the same line the directory comes first, as it would at a prompt
        if last['pwd'] is not None and os.getcwd() != last['pwd']:
            look()
        return start(args, True)

    # An alias with the name of the program cannot stand in a pipe and keep its terminal. So at the prompt the
    # line is read first, and only what acts on this shell goes to the alias.
    def transform(cmd, **kwargs):
        def taken(found):
            # what stands in quotes is no command
            quoted = re.search('[\'"]', cmd[: found.start()])
            if quoted or not ours(found.group(2).split()):
                return found.group(0)
            return found.group(1) + '__dctx' + found.group(2)

        return re.sub(r'((?:^|;|&&|[|][|])\s*)dctx(?=\s)([^|&;]*)', taken, cmd)

    # In a script there is no such line.
    def dctx(args, stdin=None, stdout=None):
        if ours(args):
            return start(args, True)
        try:
            stdout.fileno()
        except (AttributeError, OSError):
            stdout = None
        return start(args, False, stdout)

    events = XSH.builtins.events
    if env.get('XONSH_INTERACTIVE'):
        XSH.aliases['__dctx'] = switch
        XSH.aliases.pop('dctx', None)
        transform.__dctx__ = True
        for handler in [one for one in events.on_transform_command if getattr(one, '__dctx__', False)]:
            events.on_transform_command.discard(handler)
        events.on_transform_command(transform)
    else:
        XSH.aliases['dctx'] = dctx
    last = {'pwd': None, 'token': '-', 'key': ''}

    def lines(path):
        if not os.path.isfile(path):
            return []
        try:
            with open(path, encoding='utf-8', errors='surrogateescape') as file:
                return file.read().split('\n')
        except OSError:
            return []

    def dirs(note):
        found = lines(note)
        variables = '|'.join(get(name) for name in ('DCTX_CONFIG_DIR', 'XDG_CONFIG_HOME', 'DCTX_PATH'))
        if found[:2] != ['none', variables]:
            return True
        noted = os.stat(note).st_mtime_ns
        return any(os.path.exists(path) and os.stat(path).st_mtime_ns > noted for path in found[2:] if path)

    # Whether the variables are those that `dctx use` set: DCTX_SAVED ends in them.
    def is_set():
        names = ('DOCKER_HOST', 'DOCKER_TLS_VERIFY', 'DOCKER_TLS', 'DOCKER_CERT_PATH', 'DOCKER_CONTEXT')
        variables = env.detype()
        return get('DCTX_SAVED').endswith(',.=' + ','.join(variables.get(name, '') for name in names))

    # At the prompt: starts no process unless something has changed.
    def look(**kwargs):
        go = False
        first = []
        # what a shell inherits, its own start-up files may have changed
        if last['pwd'] is None and get('DCTX_PROFILE') and not is_set():
            go = True
            first = ['--start']
        state = get('XDG_STATE_HOME')
        state = os.path.join(state if state.startswith('/') else get('HOME') + '/.local/state', 'dctx')
        expires = get('DCTX_EXPIRES')
        if re.fullmatch('[0-9]+', expires) and int(expires) <= time.time():
            go = True
        # a reset of this session has nothing more to hide once that choice is revoked
        if 'DCTX_SAVED' in env and get('DCTX_SAVED') == '' and not os.path.exists(os.path.join(state, 'universal')):
            del env['DCTX_SAVED']
        # what this session chose stays; the file's first line is another one for every choice
        saved = get('DCTX_SAVED') if 'DCTX_SAVED' in env else None
        if saved is None or saved.startswith('u1,#='):
            token = (lines(os.path.join(state, 'universal')) or [''])[0]
            mine = 'u1,#=,' if saved is None else saved
            if not mine.startswith('u1,#=' + token + ',') and token != last['token']:
                last['token'] = token
                go = True
        pwd = os.getcwd()
        if pwd != last['pwd']:
            last['pwd'] = pwd
            if not get('DCTX_SUBSHELL') and (get('DCTX_DIR') or dirs(os.path.join(state, 'dirs'))):
                go = True
        if go:
            start(['__hook'] + first, True)
        # a private key that is in no file is let go of once it is seen that this shell has left it
        left, last['key'] = last['key'], env.detype().get('DOCKER_CERT_PATH', '')
        if left != last['key'] and '/keys/' in left:
            start(['__hook'], True)
        name = get('DCTX_PROFILE')
        if name:
            text = re.sub('[^A-Za-z0-9._+-]', '?', name)
            if not is_set():
                text += '?'
            # other prompts show this one
            if get('DOCKER_MACHINE_NAME') == name or get('DOCKER_MACHINE_NAME').endswith('?'):
                env['DOCKER_MACHINE_NAME'] = text
            protected = ',!,' in ',' + get('DCTX_SAVED') + ','
            env['DCTX_PROMPT'] = text + (' protected' if protected else '')
        else:
            if 'DCTX_PROMPT' in env:
                del env['DCTX_PROMPT']
            if get('DOCKER_MACHINE_NAME').endswith('?'):
                del env['DOCKER_MACHINE_NAME']

    look.__dctx__ = True
    handlers = events.on_pre_prompt
    for handler in [one for one in handlers if getattr(one, '__dctx__', False)]:
        handlers.discard(handler)
    handlers(look)
    before = env.get('PROMPT')
    if '@PREFIX@' and not getattr(before, '__dctx__', False):

        def prompt():
            # it is asked for before the handlers are called
            look()
            text = get('DCTX_PROMPT')
            red = text.endswith(' protected') and not get('NO_COLOR')
            prefix = ('{RED}(' + text + '){RESET} ' if red else '(' + text + ') ') if text else ''
            return prefix + (before() if callable(before) else before)

        prompt.__dctx__ = True
        env['PROMPT'] = prompt


__dctx_init()
del __dctx_init
