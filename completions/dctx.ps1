# dctx: completion. What fits is asked of dctx at each TAB; nothing that is offered is ever evaluated.
# For Windows PowerShell 5.1, for PowerShell 7 and newer, and under Set-StrictMode.
Register-ArgumentCompleter -Native -CommandName @('dctx', 'dctx.exe') -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # The program, whatever function has its name.
    $dctx = Get-Command -Name 'dctx' -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($null -eq $dctx) { return }

    # The words in front of the one at the cursor, each with a = before it, and then that one.
    $start = $commandAst.Extent.StartOffset
    $elements = @($commandAst.CommandElements | Select-Object -Skip 1)
    $words = @(
        foreach ($element in $elements) {
            if ($element.Extent.EndOffset -ge $cursorPosition) { break }
            if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
                '=' + $element.Value
            }
            else {
                '=' + $element.Extent.Text
            }
        }
    )
    $word = $wordToComplete -replace '^[''"]', ''
    $words += '=' + $word

    # dctx writes UTF-8; in Windows PowerShell the console reads something else.
    $encoding = $null
    try {
        $encoding = [Console]::OutputEncoding
        [Console]::OutputEncoding = [System.Text.Encoding]::UTF8
    }
    catch {
        $encoding = $null
    }
    try {
        $answer = @(& $dctx '__complete' 'line' '--' $words 2>$null)
    }
    catch {
        return
    }
    finally {
        if ($null -ne $encoding) { [Console]::OutputEncoding = $encoding }
    }
    if ($answer.Count -eq 0) { return }

    $first = @($answer[0] -split "`t")
    switch ($first[0]) {
        'words' {
            foreach ($line in @($answer | Select-Object -Skip 1)) {
                $columns = @($line -split "`t")
                $text = $columns[0]
                if ($text -notmatch '^[A-Za-z0-9._+:/=-]+$') {
                    $inner = [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($text)
                    $text = "'" + $inner + "'"
                }
                [System.Management.Automation.CompletionResult]::new($text, $columns[0], 'ParameterValue', $columns[-1])
            }
        }
        'command' {
            # The line from that word on, as it stands, up to the cursor.
            $at = [int]$first[1]
            if ($at -ge $elements.Count) { return }
            $from = $elements[$at].Extent.StartOffset
            if ($from -ge $cursorPosition) { return }
            $text = $commandAst.Extent.Text.PadRight($cursorPosition - $start)
            $text = $text.Substring($from - $start, $cursorPosition - $from)
            (TabExpansion2 -inputScript $text -cursorColumn $text.Length).CompletionMatches
        }
        default {
            # What stands before the path in its word, such as --ca=, goes inside its quotes.
            $lead = $first[1]
            $found = @([System.Management.Automation.CompletionCompleters]::CompleteFilename($word.Substring($lead.Length)))
            foreach ($one in $found) {
                if ($first[0] -eq 'dirs' -and $one.ResultType -ne 'ProviderContainer') { continue }
                $text = $one.CompletionText -replace '^([''"]?)', ('$1' + $lead)
                [System.Management.Automation.CompletionResult]::new($text, $one.ListItemText, $one.ResultType, $one.ToolTip)
            }
        }
    }
}
