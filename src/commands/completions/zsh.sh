#compdef c66
_c66_answer() {
    local -a typed closed open
    local line value entry
    typed=("${(@Q)words}")
    typed[CURRENT]=$PREFIX
    for line in "${(@f)$(COMPLETE=zsh COMPLETE_INDEX=$((CURRENT - 1)) c66 -- "${typed[@]}" 2>/dev/null)}"; do
        [[ -z $line ]] && continue
        value=${line%%$'\t'*}
        entry=${${value//\\/\\\\}//:/\\:}
        [[ $line == *$'\t'* ]] && entry+=":${line#*$'\t'}"
        # No blank belongs behind a folder, the = of an assignment or the : of a server.
        if [[ $value == *[=/:] ]]; then open+=("$entry"); else closed+=("$entry"); fi
    done
    (($#closed)) && _describe -V 'c66' closed
    (($#open)) && _describe -V 'c66' open -S ''
    return 0
}
compdef _c66_answer c66
