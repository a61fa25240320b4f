using System.Globalization;

namespace Sio.Torch;

/// <summary>A number as an operator's argument: integer or floating-point, which matters to tensors of integers.</summary>
public readonly struct Scalar : IEquatable<Scalar>
{
    private readonly long _bits;
    private readonly bool _isDouble;

    private Scalar(long bits, bool isDouble)
    {
        _bits = bits;
        _isDouble = isDouble;
    }

    internal bool IsDouble => _isDouble;

    internal long Bits => _bits;

    /// <summary>A floating-point number.</summary>
    public static implicit operator Scalar(double value) => FromDouble(value);

    /// <summary>An integer.</summary>
    public static implicit operator Scalar(long value) => FromInt64(value);

    /// <summary>An integer.</summary>
    public static implicit operator Scalar(int value) => FromInt64(value);

    /// <summary>A floating-point number.</summary>
    public static Scalar FromDouble(double value) => new(BitConverter.DoubleToInt64Bits(value), isDouble: true);

    /// <summary>An integer.</summary>
    public static Scalar FromInt64(long value) => new(value, isDouble: false);

    /// <summary>The value as a double.</summary>
    public double ToDouble() => _isDouble ? BitConverter.Int64BitsToDouble(_bits) : _bits;

    /// <inheritdoc/>
    public bool Equals(Scalar other) => _bits == other._bits && _isDouble == other._isDouble;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Scalar other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_bits, _isDouble);

    /// <inheritdoc/>
    public override string ToString() =>
        _isDouble ? ToDouble().ToString("R", CultureInfo.InvariantCulture) : _bits.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether two scalars are of the same kind and value.</summary>
    public static bool operator ==(Scalar left, Scalar right) => left.Equals(right);

    /// <summary>Whether two scalars differ in kind or value.</summary>
    public static bool operator !=(Scalar left, Scalar right) => !left.Equals(right);
}
