using Sio.Data;

namespace Sio.Evaluation;

/// <summary>
/// One score per image in a file: an <c>.npy</c> array, or the array <c>conf</c> of an <c>.npz</c> as this program and OpenOOD write it. What
/// kind of file it is, its first bytes say.
/// </summary>
public static class ScoreFile
{
    /// <summary>The array of scores in an <c>.npz</c>.</summary>
    public const string ArrayName = "conf";

    // From here on neighbouring integers become the same float64.
    private const double Exact = 1L << 53;

    /// <summary>Reads a file of scores.</summary>
    /// <param name="path">The file: [N] or [N,1] of float16, float32, float64 or integers.</param>
    /// <returns>The scores, float32 or float64: float16 becomes float32, integers become float64.</returns>
    /// <exception cref="DataException">The file is missing or damaged, has no such array, or it holds no scores.</exception>
    public static NpyArray Read(string path) => Scores(IsArchive(path) ? ReadArchive(path) : Npy.Read(path));

    /// <summary>An array as scores, float32 or float64.</summary>
    /// <exception cref="DataException">It holds no scores.</exception>
    internal static NpyArray Scores(NpyArray array)
    {
        if (array.Type == NpyType.Bool || array.Shape.Length == 0 || array.Shape.Skip(1).Any(size => size != 1))
            throw new DataException(
                $"{array.Source}: holds {array.Type.ToString().ToLowerInvariant()} of shape {array.ShapeText()}, expected one score per image: "
                + "float16, float32, float64 or integers of shape (images,)");
        return array.Type switch
        {
            NpyType.Float32 or NpyType.Float64 => array,
            NpyType.Float16 => array.With(Array.ConvertAll(array.Elements<Half>(), value => (float)value)),
            _ => array.With(Integers(array)),
        };
    }

    private static double[] Integers(NpyArray array)
    {
        var values = array.ToDoubles();
        return Array.FindIndex(values, value => Math.Abs(value) >= Exact) is var at and >= 0
            ? throw new DataException(ImageSet.Text($"{array.Source}: score {at} is 2^53 or more, where float64 no longer tells integers apart; save floating-point scores"))
            : values;
    }

    private static NpyArray ReadArchive(string path)
    {
        var arrays = Npz.Read(path, name => name == ArrayName);
        return arrays.TryGetValue(ArrayName, out var scores)
            ? scores
            : throw new DataException($"{path}: has no array '{ArrayName}', where this program and OpenOOD keep the scores; save it by that name, or give an .npy file");
    }

    private static bool IsArchive(string path) => DataFile.Read(path, stream => stream.ReadByte() == 'P' && stream.ReadByte() == 'K');
}
