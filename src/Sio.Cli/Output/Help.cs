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
            if (s_examples.TryGetValue(parseResult.CommandResult.Command, out var examples))
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
