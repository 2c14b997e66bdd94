# dctx: completion. What fits is asked of dctx at each TAB; nothing that is offered is ever evaluated.
def _dctx_completer():
    import re
    import subprocess
    from xonsh.built_ins import XSH
    from xonsh.completers.completer import add_one_completer
    from xonsh.completers.tools import RichCompletion, contextual_command_completer_for

    def answer(words):
        argv = ["dctx", "__complete", "line", "--"] + ["=" + word for word in words]
        try:
            out = subprocess.run(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=XSH.env.detype(),
            ).stdout
        except (OSError, ValueError):
            return []
        return [line.split("\t") for line in out.decode("utf-8", "replace").split("\n") if line]

    def whole(lead, path):
        # quotes are quotes only around the whole word
        at = re.match("[rR]?[\"']|", path).end()
        text = path[:at] + lead + path[at:]
        return RichCompletion(text, display=path, append_closing_quote=False)

    @contextual_command_completer_for("dctx")
    def complete(context):
        """What fits on a command line of dctx."""
        words = [arg.value for arg in context.args[1 : context.arg_index]] + [context.prefix]
        lines = answer(words)
        if not lines:
            return None
        kind = lines[0][0]
        if kind in ("files", "dirs"):
            from xonsh.completers.path import complete_dir, contextual_complete_path

            paths = contextual_complete_path if kind == "files" else complete_dir
            # what stands before the path in its word, such as --ca=
            lead = lines[0][1]
            if not lead:
                return paths(context)
            found, length = paths(context._replace(prefix=context.prefix[len(lead) :]))
            return {whole(lead, str(path)) for path in found}, length + len(lead)
        if kind == "command":
            from xonsh.completers.commands import complete_command
            from xonsh.parsers.completion_context import CompletionContext

            # as sudo has it: the command of another one
            at = int(lines[0][1]) + 1
            context = context._replace(args=context.args[at:], arg_index=context.arg_index - at)
            if context.arg_index == 0:
                return set(complete_command(context))
            return XSH.shell.shell.completer.complete_from_context(CompletionContext(context))
        found = {
            RichCompletion(
                line[0],
                description="".join(line[1:2]),
                append_space=not context.opening_quote,
            )
            for line in lines[1:]
        }
        if not found:
            # no other completer knows better
            raise StopIteration
        return found

    XSH.completers.pop("dctx", None)
    add_one_completer("dctx", complete, "start")


_dctx_completer()
del _dctx_completer
