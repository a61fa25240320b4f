using System.CommandLine;
using System.Globalization;

namespace Sio.Cli.Output;

/// <summary>Checks of option values beyond their type.</summary>
internal static class OptionRules
{
    /// <summary>Refuses values that a rule does not hold for. Text that is no such value at all is refused elsewhere, with its own message.</summary>
    internal static void Require<T>(this Option option, Func<T, bool> rule, string expected)
        where T : IParsable<T> => option.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
        {
            if (T.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && !rule(value))
                result.AddError($"{option.Name} is {token.Value}, {expected}");
        }
    });
}
