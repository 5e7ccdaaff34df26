"""`pcapdiag completion`: the script that completes commands, options and rule ids in a shell."""

import click
from click.shell_completion import get_completion_class

from pcapdiag.cli.commands import pcapdiag


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash:  pcapdiag completion bash > ~/.local/share/bash-completion/completions/pcapdiag
    zsh:   pcapdiag completion zsh > a folder of $fpath, as _pcapdiag
    fish:  pcapdiag completion fish > ~/.config/fish/completions/pcapdiag.fish
    """  # noqa: D301 - click looks for the character itself
    found = get_completion_class(shell)
    assert found is not None, "click completes each of these shells"
    click.echo(found(pcapdiag, {}, "pcapdiag", "_PCAPDIAG_COMPLETE").source())
