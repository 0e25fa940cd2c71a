_c66() {
    # COMP_WORDS is cut at = : @ too; what no blank divides is one word again.
    local rest=${COMP_LINE:0:COMP_POINT} words=() last=-1 index=0 i word
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        # Of the word at the cursor, what is before the cursor.
        ((i == COMP_CWORD)) && word=${rest#"${rest%%[![:space:]]*}"}
        if ((i == 0)) || [[ $rest == [[:space:]]* ]]; then
            rest=${rest#"${rest%%[![:space:]]*}"}
            words[++last]=$word
        else
            words[last]+=$word
        fi
        rest=${rest#"$word"}
    done
    index=$last
    for ((; i < ${#COMP_WORDS[@]}; i++)); do
        words[++last]=${COMP_WORDS[i]}
    done

    # bash puts a candidate in the place of $2 alone.
    local typed=${words[index]} kept='' line value values=() notes=() width=0
    [[ $typed == *"$2" ]] && kept=${typed%"$2"}
    while IFS= read -r line; do
        value=${line%%$'\t'*}
        value=${value#"$kept"}
        values+=("$value")
        [[ $line == *$'\t'* ]] && notes+=("${line#*$'\t'}") || notes+=('')
        ((${#value} > width)) && width=${#value}
    done < <(COMPLETE=bash COMPLETE_INDEX=$index c66 -- "${words[@]}" 2>/dev/null)

    COMPREPLY=()
    for i in "${!values[@]}"; do
        # A list that is only shown has the descriptions.
        if [[ $COMP_TYPE == 63 && ${#values[@]} -gt 1 && -n ${notes[i]} ]]; then
            printf -v value '%-*s  (%s)' "$width" "${values[i]}" "${notes[i]}"
        else
            value=${values[i]}
            # %q escapes commas too, and the next Tab would escape the backslash.
            [[ $value == *[!A-Za-z0-9_@%+=:,./-]* ]] && printf -v value '%q' "$value"
        fi
        COMPREPLY+=("$value")
    done
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/:] ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -o nosort -F _c66 c66 2>/dev/null || complete -F _c66 c66
