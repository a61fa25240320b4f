namespace Sio.Data;

/// <summary>The element types of <c>.npy</c> arrays that this library reads and writes.</summary>
public enum NpyType
{
    /// <summary><c>b1</c>: <see cref="bool"/>.</summary>
    Bool,

    /// <summary><c>i1</c>: <see cref="sbyte"/>.</summary>
    Int8,

    /// <summary><c>u1</c>: <see cref="byte"/>.</summary>
    UInt8,

    /// <summary><c>i2</c>: <see cref="short"/>.</summary>
    Int16,

    /// <summary><c>u2</c>: <see cref="ushort"/>.</summary>
    UInt16,

    /// <summary><c>i4</c>: <see cref="int"/>.</summary>
    Int32,

    /// <summary><c>u4</c>: <see cref="uint"/>.</summary>
    UInt32,

    /// <summary><c>i8</c>: <see cref="long"/>.</summary>
    Int64,

    /// <summary><c>u8</c>: <see cref="ulong"/>.</summary>
    UInt64,

    /// <summary><c>f2</c>: <see cref="Half"/>.</summary>
    Float16,

    /// <summary><c>f4</c>: <see cref="float"/>.</summary>
    Float32,

    /// <summary><c>f8</c>: <see cref="double"/>.</summary>
    Float64,
}
