using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Sio.Cli.Output;

/// <summary>Help with examples at its end.</summary>
internal static class Help
{
    private static readonly ConditionalWeakTable<Command, string[]> s_examples = [];

    /// <summary>Gives a command the examples that its help ends with.</summary>
    internal static void SetExamples(Command command, params string[] examples) => s_examples.AddOrUpdate(command, examples);

    /// <summary>The examples of a command; none for those that have none.</summary>
    internal static string[] ExamplesOf(Command command) => s_examples.TryGetValue(command, out var examples) ? examples : [];

    /// <summary>Makes a help option print the examples.</summary>
    internal static HelpOption WithExamples(HelpOption option)
    {
        option.Action = new Action((HelpAction)option.Action!);
        return option;
    }

    private sealed class Action(HelpAction usual) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = usual.Invoke(parseResult);
            if (ExamplesOf(parseResult.CommandResult.Command) is { Length: > 0 } examples)
            {
                Console.WriteLine(examples.Length == 1 ? "Example:" : "Examples:");
                foreach (var example in examples)
                    Console.WriteLine($"  {example}");
                Console.WriteLine();
            }

            return code;
        }
    }
}
