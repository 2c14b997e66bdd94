# dctx: plain `dctx use NAME` and `dctx reset` act on this shell. Loading this twice is harmless.
# Their script is what they print; standard input and errors stay yours. Every other command runs as if there
# were no function, and may know that there is one (DCTX_HOOK).
Remove-Item -Path Alias:dctx -Force -ErrorAction Ignore
function global:dctx {
    $program = Get-Command -Name dctx -CommandType Application -ErrorAction Stop | Select-Object -First 1
    $verb = ''
    foreach ($word in $args) {
        if ("$word" -notmatch '^(-.*|auto|always|never)$') { $verb = "$word"; break }
    }
    # inside a sub-shell of dctx another one takes its place
    $ours = ($verb -in 'use', 'env', 'reset', 'off', '__hook') -or ($verb -eq 'shell' -and $Env:DCTX_SUBSHELL)
    if ($args -contains '-h' -or $args -contains '--help') { $ours = $false }
    # whether the hook still runs at each prompt: it notes the last command that had ended by then
    $Env:DCTX_HOOK = 'prompt'
    if ((Get-History -Count 1).Id -ne $global:__dctx_last.history) { $Env:DCTX_HOOK = 'lost prompt=' }
    try {
        if (-not $ours) {
            & $program @args
            return
        }
        # after `cd` on the same line the directory comes first, as it would at a prompt
        $before = $global:__dctx_last.pwd
        if ($verb -ne '__hook' -and $before -and "$PWD" -cne $before) {
            $hook = $Env:DCTX_HOOK
            __dctx_prompt
            $Env:DCTX_HOOK = $hook
        }
        $Env:DCTX_SHELL = 'pwsh'
        $script = & $program @args
        if ($LASTEXITCODE -eq 0 -and $script) { Invoke-Expression ($script -join "`n") }
    }
    finally {
        Remove-Item -Path Env:DCTX_HOOK, Env:DCTX_SHELL -ErrorAction Ignore
    }
}

# At the prompt: starts no process unless something has changed.
$global:__dctx_last = @{ pwd = ''; token = '-'; key = ''; history = $null }
# Whether the variables are those that `dctx use` set: DCTX_SAVED ends in them.
function global:__dctx_set {
    $now = "$Env:DOCKER_HOST,$Env:DOCKER_TLS_VERIFY,$Env:DOCKER_TLS,$Env:DOCKER_CERT_PATH,$Env:DOCKER_CONTEXT"
    "$Env:DCTX_SAVED".EndsWith(",.=$now", [StringComparison]::Ordinal)
}
function global:__dctx_prompt {
    $go = $false
    $global:__dctx_last.history = (Get-History -Count 1).Id
    # what a shell inherits, its own start-up files may have changed
    $first = @()
    if ('' -ceq $global:__dctx_last.pwd -and $Env:DCTX_PROFILE -and -not (__dctx_set)) { $go = $true; $first = @('--start') }
    $state = "$HOME/.local/state/dctx"
    if ("$Env:XDG_STATE_HOME" -match '^/') { $state = "$Env:XDG_STATE_HOME/dctx" }
    if ("$Env:OS" -eq 'Windows_NT') { $state = "$Env:LOCALAPPDATA\dctx\data" }
    if ("$Env:DCTX_EXPIRES" -match '^[0-9]+$' -and [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() -ge [long]$Env:DCTX_EXPIRES) { $go = $true }
    # a reset of this session has nothing more to hide once that choice is revoked
    $saved = [Environment]::GetEnvironmentVariable('DCTX_SAVED')
    if ('' -ceq $saved -and -not (Test-Path -LiteralPath "$state/universal")) {
        Remove-Item -Path Env:DCTX_SAVED -ErrorAction Ignore
        $saved = $null
    }
    # what this session chose stays; the file's first line is another one for every choice
    if ($null -eq $saved -or $saved.StartsWith('u1,#=')) {
        $token = ''
        if (Test-Path -LiteralPath "$state/universal") { $token = "$(Get-Content -LiteralPath "$state/universal" -TotalCount 1)" }
        $mine = if ($null -eq $saved) { 'u1,#=,' } else { $saved }
        if (-not $mine.StartsWith("u1,#=$token,") -and $token -cne $global:__dctx_last.token) {
            $global:__dctx_last.token = $token
            $go = $true
        }
    }
    if ("$PWD" -cne $global:__dctx_last.pwd) {
        $global:__dctx_last.pwd = "$PWD"
        if (-not $Env:DCTX_SUBSHELL) {
            $note = @(Get-Content -LiteralPath "$state/dirs" -ErrorAction Ignore)
            $variables = "$Env:DCTX_CONFIG_DIR|$Env:XDG_CONFIG_HOME|$Env:DCTX_PATH"
            if ($Env:DCTX_DIR -or $note.Count -lt 2 -or $note[0] -cne 'none' -or $note[1] -cne $variables) { $go = $true }
            else {
                $noted = (Get-Item -LiteralPath "$state/dirs").LastWriteTimeUtc
                foreach ($path in ($note | Select-Object -Skip 2)) {
                    $item = Get-Item -LiteralPath $path -Force -ErrorAction Ignore
                    if ($null -ne $item -and $item.LastWriteTimeUtc -gt $noted) { $go = $true }
                }
            }
        }
    }
    if ($go) { dctx __hook @first }
    # a private key that is in no file is let go of once it is seen that this shell has left it
    $left = $global:__dctx_last.key
    $global:__dctx_last.key = "$Env:DOCKER_CERT_PATH"
    if ($left -cne $global:__dctx_last.key -and $left.Contains('/keys/')) { dctx __hook }
    if ($Env:DCTX_PROFILE) {
        $text = $Env:DCTX_PROFILE -replace '[^A-Za-z0-9._+-]', '?'
        if (-not (__dctx_set)) { $text = "$text`?" }
        # other prompts show this one
        if ($Env:DOCKER_MACHINE_NAME -ceq $Env:DCTX_PROFILE -or "$Env:DOCKER_MACHINE_NAME".EndsWith('?')) { $Env:DOCKER_MACHINE_NAME = $text }
        if (",$Env:DCTX_SAVED,".Contains(',!,')) { $text = "$text protected" }
        $Env:DCTX_PROMPT = $text
    }
    else {
        Remove-Item -Path Env:DCTX_PROMPT -ErrorAction Ignore
        if ("$Env:DOCKER_MACHINE_NAME".EndsWith('?')) { Remove-Item -Path Env:DOCKER_MACHINE_NAME }
    }
}

# The prompt, as it was, behind that. What the last command said of itself is not touched.
if ("$function:prompt" -notmatch '__dctx_prompt') {
    $global:__dctx_before = $function:prompt
    function global:prompt {
        $code = Get-Variable -Name LASTEXITCODE -Scope Global -ValueOnly -ErrorAction Ignore
        __dctx_prompt
        $global:LASTEXITCODE = $code
        $text = ''
        if ('@PREFIX@' -and $Env:DCTX_PROMPT) {
            $text = "($Env:DCTX_PROMPT) "
            if ($text -match ' protected' -and -not $Env:NO_COLOR) { $text = "$([char]27)[31m($Env:DCTX_PROMPT)$([char]27)[0m " }
        }
        "$text$(& $global:__dctx_before)"
    }
}
