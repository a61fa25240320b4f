namespace Sio.Data;

/// <summary>
/// Bad input: a file that is missing, damaged or of another kind than expected. The message is one line that says
/// which file, what is wrong with it and what was expected; it can be shown to a user as it stands.
/// </summary>
public sealed class DataException : Exception
{
    /// <summary>Creates the exception with a general message.</summary>
    public DataException()
        : base("Bad input data.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">One line: which file, what is wrong, what was expected.</param>
    public DataException(string message)
        : base(DataFile.WithoutControls(message))
    {
    }

    /// <summary>Creates the exception around its cause.</summary>
    /// <param name="message">One line: which file, what is wrong, what was expected.</param>
    /// <param name="innerException">What the operating system or a decoder reported.</param>
    public DataException(string message, Exception innerException)
        : base(DataFile.WithoutControls(message), innerException)
    {
    }
}
