using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sio.Recipes;

/// <summary>Single values as YAML text, both ways, whatever the machine's culture.</summary>
internal static partial class RecipeScalars
{
    /// <summary>Reads a boolean, as YAML's core schema spells it.</summary>
    public static bool? Boolean(RecipeScalar scalar) => !scalar.Plain ? null : scalar.Text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };

    /// <summary>Whether the text is a whole number, of any size.</summary>
    public static bool IsWhole(RecipeScalar scalar) => scalar.Plain && WholeNumber().IsMatch(scalar.Text);

    /// <summary>Reads a whole number; null when it is none or does not fit.</summary>
    public static long? Whole(RecipeScalar scalar) =>
        IsWhole(scalar) && long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    /// <summary>Whether the text is a number, of any size.</summary>
    public static bool IsNumber(RecipeScalar scalar) => scalar.Plain && Number().IsMatch(scalar.Text);

    /// <summary>Reads a number; infinite where it is written so or too large.</summary>
    public static double Double(RecipeScalar scalar) =>
        Special(scalar.Text) ?? double.Parse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>Reads a number with float's own rounding.</summary>
    public static float Single(RecipeScalar scalar) =>
        (float?)Special(scalar.Text) ?? float.Parse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>Whether infinity or NaN is written out.</summary>
    public static bool IsSpecial(RecipeScalar scalar) => Special(scalar.Text) is not null;

    /// <summary>Reads a value whose type the recipe does not fix: null, boolean, long, double or text.</summary>
    public static object? Any(RecipeScalar scalar) =>
        scalar.IsNull ? null
        : Boolean(scalar) is { } boolean ? boolean
        : Whole(scalar) is { } whole ? whole
        : IsNumber(scalar) ? Double(scalar)
        : scalar.Text;

    /// <summary>Writes a single value, which reads back as the same one.</summary>
    /// <exception cref="ArgumentException">Text that is not valid Unicode, or a value of another type.</exception>
    public static string Write(object? value) => value switch
    {
        null => "null",
        bool boolean => boolean ? "true" : "false",
        int or long => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        double number => Write(number, number.ToString("R", CultureInfo.InvariantCulture)),
        float number => Write(number, number.ToString("R", CultureInfo.InvariantCulture)),
        Enum name => RecipeSchema.KeyName(name.ToString()),
        string text => Write(text),
        _ => throw new ArgumentException($"A recipe cannot hold a value of type {value.GetType().Name}."),
    };

    private static double? Special(string text) => text switch
    {
        ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" => double.PositiveInfinity,
        "-.inf" or "-.Inf" or "-.INF" => double.NegativeInfinity,
        ".nan" or ".NaN" or ".NAN" => double.NaN,
        _ => null,
    };

    /// <summary>Digits with a point, so that YAML 1.1 readers (Python's) take 1e-05 for a number, too.</summary>
    private static string Write(double value, string digits)
    {
        if (double.IsNaN(value))
            return ".nan";
        if (double.IsInfinity(value))
            return value > 0 ? ".inf" : "-.inf";
        if (digits.Contains('.', StringComparison.Ordinal))
            return digits.Replace('E', 'e');

        var exponent = digits.IndexOf('E', StringComparison.Ordinal);
        return exponent < 0 ? digits + ".0" : digits[..exponent] + ".0e" + digits[(exponent + 1)..];
    }

    private static string Write(string text) =>
        PlainText().IsMatch(text) && !ReservedWord().IsMatch(text) ? text : Quoted(text);

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else if (c is '\n')
                quoted.Append("\\n");
            else if (c is '\t')
                quoted.Append("\\t");
            else if (c is >= ' ' and <= '~')
                quoted.Append(c);
            else if (!char.IsSurrogate(c))
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                quoted.Append(CultureInfo.InvariantCulture, $"\\U{char.ConvertToUtf32(c, text[++i]):X8}");
            else
                throw new ArgumentException($"The text has half a surrogate pair at index {i}, which no YAML file can hold.");
        }

        return quoted.Append('"').ToString();
    }

    [GeneratedRegex(@"^[-+]?[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex WholeNumber();

    [GeneratedRegex(@"^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"^[A-Za-z_/][A-Za-z0-9_./+-]*( [A-Za-z0-9_./+-]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainText();

    [GeneratedRegex(@"^(null|true|false|yes|no|on|off|y|n)\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex ReservedWord();
}
