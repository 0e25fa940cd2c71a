use str
set edit:completion:arg-completer[c66] = {|@words|
    var index = (to-string (- (count $words) 1))
    env COMPLETE=elvish COMPLETE_INDEX=$index c66 -- $@words 2>/dev/null | from-lines | each {|line|
        var value @note = (str:split "\t" $line)
        if (eq $note []) {
            put $value
        } else {
            edit:complex-candidate $value &display=$value'  ('$note[0]')'
        }
    }
}
