# Completion of c66 for PowerShell: source this file from $PROFILE. The installed program answers.
c66 completions powershell | Out-String | Invoke-Expression
