using System.Buffers.Binary;
using System.Text;

namespace Sio.Data;

/// <summary>
/// The header of a <c>.npy</c> file (NumPy Enhancement Proposal 1): magic, version, length, and a Python dictionary with
/// <c>descr</c>, <c>fortran_order</c> and <c>shape</c>.
/// </summary>
internal sealed record NpyHeader(NpyType Type, bool BigEndian, bool FortranOrder, long[] Shape)
{
    /// <summary>Real headers take some hundred bytes; version 2.0 could claim 4 GiB.</summary>
    private const int MaxTextLength = ushort.MaxValue;

    /// <summary>NumPy pads as if the first dimension had this many digits, so that a file can grow in place.</summary>
    private const int GrowthDigits = 21;

    private static readonly byte[] Magic = [0x93, .. "NUMPY"u8];

    /// <summary>
    /// The number of elements, checked to fit an array.
    /// </summary>
    /// <exception cref="DataException">The array is too large to hold in memory.</exception>
    public int Count(string source)
    {
        long count = 1;
        foreach (var size in Shape)
        {
            // A zero anywhere makes the array empty, however large the other dimensions claim to be.
            if (size == 0)
                return 0;
        }

        foreach (var size in Shape)
        {
            if (size > Array.MaxLength / count)
                throw new DataException($"{source}: shape {NpyArray.FormatShape(Shape)} is too large to read, at most {Array.MaxLength} elements are possible.");
            count *= size;
        }

        return (int)count;
    }

    /// <summary>Reads the header and leaves the stream at the first element.</summary>
    public static NpyHeader Read(Stream stream, string source)
    {
        Span<byte> start = stackalloc byte[8];
        DataFile.ReadExactly(stream, start[..1], source, "header");
        if (start[0] == 0x80)
            throw new DataException($"{source}: is a Python pickle, which is never loaded; a .npy array was expected.");
        DataFile.ReadExactly(stream, start[1..], source, "header");
        if (!start[..6].SequenceEqual(Magic))
            throw new DataException($"{source}: is not a .npy array, it does not begin with \\x93NUMPY.");
        if (start[6] is < 1 or > 3 || start[7] != 0)
            throw new DataException($"{source}: .npy version {start[6]}.{start[7]} is unknown, 1.0, 2.0 or 3.0 was expected.");

        Span<byte> lengthBytes = stackalloc byte[start[6] == 1 ? 2 : 4];
        DataFile.ReadExactly(stream, lengthBytes, source, "header");
        var length = lengthBytes.Length == 2
            ? BinaryPrimitives.ReadUInt16LittleEndian(lengthBytes)
            : BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        if (length > MaxTextLength)
            throw new DataException($"{source}: claims a header of {length} bytes, at most {MaxTextLength} were expected.");
        var text = new byte[length];
        DataFile.ReadExactly(stream, text, source, "header");
        // Version 3.0 is UTF-8, but only field names of structured arrays, which are refused, need more than ASCII.
        return Parse(Encoding.Latin1.GetString(text), source);
    }

    /// <summary>Writes a version 1.0 header as NumPy does, padded so that the data starts at a multiple of 64.</summary>
    public void Write(Stream stream)
    {
        var order = Type.Size() == 1 ? '|' : BigEndian ? '>' : '<';
        var text = new StringBuilder()
            .Append("{'descr': '").Append(order).Append(Type.Code())
            .Append("', 'fortran_order': ").Append(FortranOrder ? "True" : "False")
            .Append(", 'shape': ").Append(NpyArray.FormatShape(Shape)).Append(", }");
        if (Shape.Length > 0)
            text.Append(' ', GrowthDigits - Digits(Shape[FortranOrder ? ^1 : 0]));

        var prefix = Magic.Length + 2 + 2;
        text.Append(' ', 64 - ((prefix + text.Length + 1) % 64)).Append('\n');
        Span<byte> start = stackalloc byte[prefix];
        Magic.CopyTo(start);
        start[6] = 1;
        start[7] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(start[8..], checked((ushort)text.Length));
        stream.Write(start);
        stream.Write(Encoding.ASCII.GetBytes(text.ToString()));
    }

    private static NpyHeader Parse(string text, string source)
    {
        NpyType? type = null;
        bool? fortranOrder = null;
        long[]? shape = null;
        var bigEndian = false;

        var literal = new PythonLiteral(text, source);
        literal.Take('{');
        while (!literal.TryTake('}'))
        {
            var key = literal.TakeString();
            literal.Take(':');
            if (key is "descr" && type is null)
                type = TakeType(ref literal, source, out bigEndian);
            else if (key is "fortran_order" && fortranOrder is null)
                fortranOrder = literal.TakeBoolean();
            else if (key is "shape" && shape is null)
                shape = literal.TakeShape();
            else
                throw literal.Malformed("each of the keys descr, fortran_order, shape expected once");

            if (literal.TryTake(','))
                continue;
            literal.Take('}');
            break;
        }

        literal.TakeEnd();
        return new NpyHeader(
            type ?? throw literal.Malformed("key descr expected"),
            bigEndian,
            fortranOrder ?? throw literal.Malformed("key fortran_order expected"),
            shape ?? throw literal.Malformed("key shape expected"));
    }

    private static NpyType TakeType(ref PythonLiteral literal, string source, out bool bigEndian)
    {
        if (literal.TryTake('['))
            throw new DataException($"{source}: is a structured array, which is not supported; numbers were expected.");
        var descr = literal.TakeString();
        var order = descr.IsEmpty ? '\0' : descr[0];
        var code = order is '<' or '>' or '|' or '=' ? descr[1..] : descr;
        if (code.StartsWith("O"))
            throw new DataException($"{source}: is an object array (a pickle), which is never loaded; numbers were expected.");
        if (!NpyTypes.TryFromCode(code, out var type))
            throw new DataException($"{source}: element type {DataFile.Quote(descr)} is not supported; b1, i1-i8, u1-u8, f2, f4 or f8 was expected.");
        bigEndian = order == '>' || (order != '<' && !BitConverter.IsLittleEndian);
        return type;
    }

    private static int Digits(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture).Length;
}
