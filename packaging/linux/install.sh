#!/bin/sh
# Installs CNN Explorer for the user who calls this, without any rights of an administrator, and removes it again.
#
#   ./install.sh            copies this folder to ~/.local/lib, with a command, a menu entry and icons
#   ./install.sh --remove   takes all that away; runs, settings and data sets of the user stay
#
# Exit code 0: done. 2: it cannot be done; one line says why, and nothing has changed.
set -u

name=cnn-explorer

refuse() {
    echo "install.sh: $1" >&2
    exit 2
}

# A path as the value of Exec in a desktop file: in quotes, with the signs escaped that mean something there.
quoted() {
    printf '"%s"' "$(printf '%s' "$1" | sed -e 's/[\\"`$]/\\&/g' -e 's/\\/\\\\/g' -e 's/%/%%/g')"
}

refresh() {
    command -v update-desktop-database >/dev/null && update-desktop-database -q "$data/applications"
    command -v gtk-update-icon-cache >/dev/null && gtk-update-icon-cache -q -t -f "$data/icons/hicolor"
    return 0
}

# Whether the command in ~/.local/bin is the one that this script makes.
ours() {
    [ "$(readlink "$command")" = "$target/$name" ]
}

install() {
    [ -x "$here/$name" ] && [ -d "$here/_internal" ] || refuse "$here does not hold the whole program: unpack it anew."
    [ "$here" != "$target" ] || refuse "This is the installed program itself: call install.sh of the folder that you unpacked."
    if [ -e "$target" ] && ! [ -d "$target/_internal" ]; then
        refuse "There is something else in $target: move it away first."
    fi
    if { [ -e "$command" ] || [ -L "$command" ]; } && ! ours; then
        refuse "There is another $command: remove it first, perhaps with pip or pipx."
    fi
    new="$target.new.$$" old="$target.old.$$"
    trap 'rm -rf "$new"' EXIT
    trap 'exit 130' INT TERM HUP
    mkdir -p "$(dirname "$target")" "$(dirname "$command")" "$data/applications" "$data/metainfo" \
        "$data/icons/hicolor" 2>/dev/null || refuse "Your home $HOME cannot be written to."
    cp -R "$here" "$new" 2>/dev/null || refuse "$here could not be copied to $target: is the disk full?"
    chmod -R u+w "$new"
    # From here on nothing takes long.
    if [ -d "$target" ]; then mv "$target" "$old"; fi
    mv "$new" "$target" || refuse "$target could not be made."
    rm -rf "$old"
    ln -sf "$target/$name" "$command"
    while IFS= read -r line; do
        case $line in
        TryExec=*) printf 'TryExec=%s\n' "$target/$name" ;;
        Exec=*) printf 'Exec=%s gui %%f\n' "$(quoted "$target/$name")" ;;
        *) printf '%s\n' "$line" ;;
        esac
    done <"$target/share/applications/$name.desktop" >"$data/applications/$name.desktop"
    cp "$target/share/metainfo/"*.xml "$data/metainfo/"
    cp -R "$target/share/icons/hicolor/." "$data/icons/hicolor/"
    refresh
    echo "CNN Explorer is in the menu of your desktop, and in a terminal it is $command."
    case ":${PATH-}:" in
    *":$HOME/.local/bin:"*) ;;
    *) echo "Your PATH lacks $HOME/.local/bin: log in anew, or call it with its whole path." ;;
    esac
    echo "To remove it: $target/install.sh --remove"
}

remove() {
    [ -d "$target/_internal" ] || refuse "CNN Explorer is not installed in $target."
    (cd "$target/share/icons/hicolor" && find . -type f) | while IFS= read -r icon; do
        rm -f "$data/icons/hicolor/$icon"
    done
    for file in "$target/share/metainfo/"*.xml; do rm -f "$data/metainfo/$(basename "$file")"; done
    rm -f "$data/applications/$name.desktop"
    if ours; then rm -f "$command"; fi
    rm -rf "$target" || refuse "$target could not be removed."
    refresh
    echo "CNN Explorer is removed. Your runs and settings stay: $data/$name and ${XDG_CONFIG_HOME:-$HOME/.config}/$name."
}

# All of it is read before the first line is carried out: --remove deletes this file.
main() {
    [ -n "${HOME-}" ] && [ -d "$HOME" ] || refuse "HOME does not name your home folder."
    here=$(cd "$(dirname "$0")" && pwd -P) || exit 2
    target="$(cd "$HOME" && pwd -P)/.local/lib/$name"
    command="$HOME/.local/bin/$name"
    data="${XDG_DATA_HOME:-$HOME/.local/share}"
    case "${1-}" in
    "") install ;;
    --remove) remove ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0" ;;
    *) refuse "There is no $1: call it with --remove, or with nothing." ;;
    esac
    exit 0
}

main "$@"
