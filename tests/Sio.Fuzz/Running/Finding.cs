namespace Sio.Fuzz.Running;

/// <summary>An input with which a reader does what it must not do.</summary>
/// <param name="Target">The target's name.</param>
/// <param name="Input">The input's number; −1 for a file that was replayed.</param>
/// <param name="File">The file's name in the target's folder.</param>
/// <param name="Kind">What is wrong, in a word: an exception's name, <c>hang</c>, <c>allocation</c>, <c>message</c>, <c>leak</c>, <c>death</c>,
/// <c>seed</c>.</param>
/// <param name="Place">The method of ours in which it came up, so that the same fault is told once.</param>
/// <param name="Text">All there is to say.</param>
internal sealed record Finding(string Target, long Input, string File, string Kind, string Place, string Text)
{
    /// <summary>The same for findings that one mend would end.</summary>
    internal string Fault => $"{Target}: {Kind} in {Place}";
}
