namespace Sio.Data;

/// <summary>
/// Logarithm, exponential and sine made of additions, multiplications and divisions only. The C library's may differ in the last bit
/// from one version or machine to the next, and with them everything drawn from a seed; these never do.
/// </summary>
internal static class StableMath
{
    private const double Ln2 = 0.69314718055994531;

    /// <summary>Natural logarithm of a positive, normal number; relative error below 4e-16 away from 1.</summary>
    public static double Log(double x)
    {
        // x = m · 2^e with m in [√½, √2), where the series of atanh converges fast.
        var bits = BitConverter.DoubleToInt64Bits(x);
        var exponent = (int)(bits >> 52) - 1023;
        var mantissa = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (mantissa > 1.4142135623730951)
        {
            mantissa *= 0.5;
            exponent++;
        }

        // log m = 2·atanh(s) = 2·(s + s³/3 + s⁵/5 + …), |s| ≤ 0.172.
        var s = (mantissa - 1) / (mantissa + 1);
        var square = s * s;
        var sum = 0.0;
        for (var n = 23; n >= 1; n -= 2)
            sum = (sum * square) + (1.0 / n);
        return (exponent * Ln2) + (2 * s * sum);
    }

    /// <summary>e to a power: infinite above 709.78, 0 below −745.13; relative error below 1e-15 between −50 and 50.</summary>
    public static double Exp(double x)
    {
        if (x is > 710 or < -746)
            return x > 0 ? double.PositiveInfinity : 0;

        // e^x = 2^k · e^r with |r| ≤ ln 2 / 2. The high part of ln 2 has 21 zero bits at its end, so that k times it is exact.
        const double high = 0.693147180369123816490, low = 1.90821492927058770002e-10;
        var k = Math.Round(x / Ln2);
        var r = x - (k * high) - (k * low);
        var sum = 1.0;
        for (var n = 17; n >= 1; n--)
            sum = 1 + (sum * r / n);
        return Math.ScaleB(sum, (int)k);
    }

    /// <summary>Sine of an angle in turns (1 is a full circle), so that the reduction to one circle is exact.</summary>
    public static double SinTurns(double turns)
    {
        var t = turns - Math.Round(turns);
        if (t > 0.25)
            t = 0.5 - t;
        else if (t < -0.25)
            t = -0.5 - t;

        // Taylor series on [−π/2, π/2]; the first term left out is below 1e-20.
        var x = 2 * Math.PI * t;
        var square = x * x;
        var sum = 1.0;
        for (var n = 25; n >= 3; n -= 2)
            sum = 1 - (sum * square / (n * (n - 1)));
        return x * sum;
    }

    /// <summary>Cosine of an angle in turns.</summary>
    public static double CosTurns(double turns) => SinTurns(turns + 0.25);
}
