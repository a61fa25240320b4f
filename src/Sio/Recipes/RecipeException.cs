namespace Sio.Recipes;

/// <summary>
/// A recipe that cannot be used. The message is one line that says where (file, line, column, or the override), what is
/// wrong, and what was expected: <c>cifar10.yml:3:5: unknown key 'optimizer.learing_rate'; did you mean …</c>.
/// </summary>
public sealed class RecipeException : Exception
{
    /// <summary>Creates the exception without a place.</summary>
    public RecipeException()
        : this("The recipe cannot be used.")
    {
    }

    /// <summary>Creates the exception without a place.</summary>
    /// <param name="message">What is wrong.</param>
    public RecipeException(string message)
        : this(message, null)
    {
    }

    /// <summary>Creates the exception without a place.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">What caused it.</param>
    public RecipeException(string message, Exception? innerException)
        : base(message, innerException)
    {
        Origin = "";
        Problem = message;
    }

    internal RecipeException(RecipePlace place, string problem, string? key = null, Exception? innerException = null)
        : base($"{place}: {problem}", innerException)
    {
        Origin = place.Source;
        Line = place.Line;
        Column = place.Column;
        Key = key;
        Problem = problem;
    }

    /// <summary>The file, or the override as given (<c>--set optimizer.lr=fast</c>).</summary>
    public string Origin { get; }

    /// <summary>Line in the file, from 1; 0 where the fault is in no line (an override, a missing file).</summary>
    public long Line { get; }

    /// <summary>Column in the line, from 1; 0 where there is no line.</summary>
    public long Column { get; }

    /// <summary>Dotted path of the key at fault, or null where the fault is not a key's.</summary>
    public string? Key { get; }

    /// <summary>The message without the place.</summary>
    public string Problem { get; }
}
