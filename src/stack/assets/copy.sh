# Takes a writable snapshot of the project. Only what busybox and Debian's small images both have: sh, find, mkdir, cp.
refuse() {
  echo "cchub: $1" >&2
  exit 1
}
cd /workspace-source 2>/dev/null && [ -r . ] \
  || refuse "the project's folder cannot be read by user $(id -u): give that user read access to it on the host"
# Each call gets many folders and says on its standard output what stopped it; find's own exit status cannot be trusted
# for that everywhere. Unreadable folders and files are left out, one line each.
trouble=$(find . \( -name .git -o -name node_modules -o -name .venv -o -name __pycache__ \) -prune -o -type d -exec /bin/sh -c '
  for folder do
    said=$(mkdir -p "/workspace/$folder" 2>&1) || { echo "$said"; exit 1; }
    set --
    for file in "$folder"/* "$folder"/.[!.]* "$folder"/..?*; do
      case ${file##*/} in .git | node_modules | .venv | __pycache__) continue ;; esac
      if [ -h "$file" ]; then set -- "$@" "$file"
      elif [ ! -f "$file" ]; then continue
      elif [ -r "$file" ]; then set -- "$@" "$file"
      else echo "cchub: left out, cannot be read: $file" >&2
      fi
    done
    [ $# -eq 0 ] || said=$(cp -P "$@" "/workspace/$folder/" 2>&1) || { echo "$said"; exit 1; }
  done' sh {} +) || [ $? -lt 126 ] || refuse "the image has no find to copy the project with: set workspace = \"ro\""
if [ -n "$trouble" ]; then
  first=$(printf '%s\n' "$trouble" | { IFS= read -r line; printf '%s' "$line"; })
  refuse "the project cannot be copied (at most 256 MB, without .git, node_modules, .venv and __pycache__): $first"
fi
