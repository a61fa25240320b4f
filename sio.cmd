@echo off
rem Starts the program, and builds it first where a source is newer than the last build: what the file sio does on Linux and macOS.
setlocal
set "sio_root=%~dp0"
set "sio_program=%sio_root%src\Sio.Cli\bin\Release\net10.0\Sio.Cli.dll"
set "sio_stamp=%sio_root%src\Sio.Cli\obj\sio.built"

where /q dotnet || (
    echo sio: the .NET 10 SDK is needed, and there is no dotnet on PATH: https://dotnet.microsoft.com/download>&2
    exit /b 1
)

if not exist "%sio_program%" goto build
if not exist "%sio_stamp%" goto build
rem Folders count too: that is how a deleted source shows.
powershell -NoProfile -Command ^
    "Set-Location -LiteralPath $env:sio_root; $built = (Get-Item -LiteralPath $env:sio_stamp).LastWriteTimeUtc;" ^
    "$new = @(Get-ChildItem src, data, recipes -Recurse) + @(Get-Item *.props, global.json) |" ^
    "Where-Object { $_.LastWriteTimeUtc -gt $built -and $_.FullName -notmatch '\\(bin|obj)(\\|$)' } | Select-Object -First 1;" ^
    "exit [int][bool]$new"
if not errorlevel 1 goto run

:build
echo sio: building>&2
rem Made first, since the build would make them, and so change the folders that they are in.
for /d %%P in ("%sio_root%src\*") do mkdir "%%P\bin" "%%P\obj" 2>nul
type nul >"%sio_stamp%.new"
dotnet msbuild "%sio_root%src\Sio.Cli" -restore -p:Configuration=Release -p:UseSharedCompilation=false -nodeReuse:false -nologo -v:quiet <nul >&2 || exit /b 1
move /y "%sio_stamp%.new" "%sio_stamp%" >nul

:run
dotnet "%sio_program%" %*
exit /b %errorlevel%
