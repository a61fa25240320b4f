using System.CommandLine;
using System.CommandLine.Help;
using System.Text;
using Sio.Cli.Output;

namespace Sio.Cli.Commands;

/// <summary><c>sio reference</c>: all commands with their arguments, options and examples, as the page <c>docs/cli.md</c>.</summary>
internal static class ReferenceCommand
{
    internal const string Regenerate = "./sio reference > docs/cli.md";

    internal static Command Create(Command root)
    {
        var command = new Command("reference", "Print the reference of all commands as Markdown.");
        Help.SetExamples(command, "sio reference > cli.md");
        command.SetAction(_ =>
        {
            Console.Write(Markdown(root));
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Markdown(Command root)
    {
        var text = new StringBuilder();
        text.Append("# Command reference\n\n<!-- Made from the program by '").Append(Regenerate).Append("'; do not edit. -->\n\n");
        text.Append("`sio COMMAND --help` prints the same for one command. All commands take `--debug`, which shows the stack trace of an error.\n");
        text.Append("Exit codes: 0 done, 1 an error that one line explains, 2 wrong usage, 130 stopped by Ctrl-C or SIGTERM.\n\n");
        foreach (var command in root.Subcommands.Where(command => !command.Hidden))
            Append(text, command, "sio");
        return text.ToString();
    }

    private static void Append(StringBuilder text, Command command, string before)
    {
        var name = $"{before} {command.Name}";
        text.Append("## ").Append(name).Append("\n\n").Append(Line(command.Description)).Append("\n\n");
        var arguments = command.Arguments.Where(argument => !argument.Hidden).ToArray();
        var options = command.Options.Where(option => !option.Hidden && option is not HelpOption).ToArray();
        if (command.Action is not null)
        {
            var usage = string.Join(' ', arguments.Select(Usage));
            text.Append('`').Append(name).Append(usage.Length > 0 ? " " + usage : string.Empty).Append(options.Length > 0 ? " [options]" : string.Empty).Append("`\n\n");
        }

        if (arguments.Length + options.Length > 0)
        {
            text.Append("| | |\n|---|---|\n");
            foreach (var argument in arguments)
                text.Append("| `").Append(Cell(argument.HelpName ?? argument.Name)).Append("` | ").Append(Cell(argument.Description)).Append(" |\n");
            foreach (var option in options)
            {
                var value = option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool) ? $" {option.HelpName ?? "VALUE"}" : string.Empty;
                text.Append("| `").Append(Cell(option.Name + value)).Append("` | ").Append(Cell(option.Description)).Append(option.Required ? " Required." : string.Empty).Append(" |\n");
            }

            text.Append('\n');
        }

        if (Help.ExamplesOf(command) is { Length: > 0 } examples)
            text.Append("```\n").AppendJoin('\n', examples).Append("\n```\n\n");
        foreach (var inner in command.Subcommands.Where(inner => !inner.Hidden))
            Append(text, inner, name);
    }

    private static string Usage(Argument argument)
    {
        var name = argument.HelpName ?? argument.Name;
        var several = argument.Arity.MaximumNumberOfValues > 1 ? name + "…" : name;
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{several}]" : several;
    }

    private static string Line(string? text) => (text ?? string.Empty).ReplaceLineEndings(" ");

    private static string Cell(string? text) => Line(text).Replace("|", "\\|", StringComparison.Ordinal);
}
