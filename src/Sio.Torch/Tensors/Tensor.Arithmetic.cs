namespace Sio.Torch;

/// <content>Elementwise arithmetic. Two tensors are broadcast to a common shape.</content>
public sealed unsafe partial class Tensor
{
#pragma warning disable CA2225 // the named twins are Add, Sub, Mul, Div and Neg, as in PyTorch
    /// <summary>Elementwise sum.</summary>
    public static Tensor operator +(Tensor left, Tensor right) => Ops.Add.Call(left, right);

    /// <summary>Adds a number to each element.</summary>
    public static Tensor operator +(Tensor left, Scalar right) => Ops.AddScalar.Call(left, right);

    /// <summary>Elementwise difference.</summary>
    public static Tensor operator -(Tensor left, Tensor right) => Ops.Sub.Call(left, right);

    /// <summary>Takes a number from each element.</summary>
    public static Tensor operator -(Tensor left, Scalar right) => Ops.SubScalar.Call(left, right);

    /// <summary>A number minus each element.</summary>
    public static Tensor operator -(Scalar left, Tensor right) => Ops.RsubScalar.Call(right, left);

    /// <summary>Each element's negative.</summary>
    public static Tensor operator -(Tensor value) => Ops.Neg.Call(value);

    /// <summary>Elementwise product.</summary>
    public static Tensor operator *(Tensor left, Tensor right) => Ops.Mul.Call(left, right);

    /// <summary>Multiplies each element by a number.</summary>
    public static Tensor operator *(Tensor left, Scalar right) => Ops.MulScalar.Call(left, right);

    /// <summary>Multiplies each element by a number.</summary>
    public static Tensor operator *(Scalar left, Tensor right) => Ops.MulScalar.Call(right, left);

    /// <summary>Elementwise quotient.</summary>
    public static Tensor operator /(Tensor left, Tensor right) => Ops.Div.Call(left, right);

    /// <summary>Divides each element by a number.</summary>
    public static Tensor operator /(Tensor left, Scalar right) => Ops.DivScalar.Call(left, right);
#pragma warning restore CA2225

    /// <summary>this + alpha · other.</summary>
    public Tensor Add(Tensor other, Scalar? alpha = null) => Ops.Add.Call(this, other, alpha ?? 1);

    /// <summary>this − alpha · other.</summary>
    public Tensor Sub(Tensor other, Scalar? alpha = null) => Ops.Sub.Call(this, other, alpha ?? 1);

    /// <summary>Elementwise product.</summary>
    public Tensor Mul(Tensor other) => Ops.Mul.Call(this, other);

    /// <summary>Elementwise quotient.</summary>
    public Tensor Div(Tensor other) => Ops.Div.Call(this, other);

    /// <summary>Adds alpha · other to this tensor.</summary>
    /// <returns>This tensor.</returns>
    public Tensor Add_(Tensor other, Scalar? alpha = null) => Same(Ops.Add_, other, alpha ?? 1);

    /// <summary>Adds a number to each element of this tensor.</summary>
    /// <returns>This tensor.</returns>
    public Tensor Add_(Scalar other) => Same(Ops.AddScalar_, other);

    /// <summary>Takes alpha · other from this tensor.</summary>
    /// <returns>This tensor.</returns>
    public Tensor Sub_(Tensor other, Scalar? alpha = null) => Same(Ops.Sub_, other, alpha ?? 1);

    /// <summary>Multiplies this tensor by another.</summary>
    /// <returns>This tensor.</returns>
    public Tensor Mul_(Tensor other) => Same(Ops.Mul_, other);

    /// <summary>Multiplies each element of this tensor by a number.</summary>
    /// <returns>This tensor.</returns>
    public Tensor Mul_(Scalar other) => Same(Ops.MulScalar_, other);

    /// <summary>Divides this tensor by another.</summary>
    /// <returns>This tensor.</returns>
    public Tensor Div_(Tensor other) => Same(Ops.Div_, other);

    /// <summary>Divides each element of this tensor by a number.</summary>
    /// <returns>This tensor.</returns>
    public Tensor Div_(Scalar other) => Same(Ops.DivScalar_, other);

    /// <summary>Sets every element to zero.</summary>
    /// <returns>This tensor.</returns>
    public Tensor Zero_() => Same(Ops.Zero_);

    /// <summary>Sets every element to one value.</summary>
    /// <returns>This tensor.</returns>
    public Tensor Fill_(Scalar value) => Same(Ops.Fill_, value);

    /// <summary>Each element's negative.</summary>
    public Tensor Neg() => Ops.Neg.Call(this);

    /// <summary>Each element's absolute value.</summary>
    public Tensor Abs() => Ops.Abs.Call(this);

    /// <summary>e to the power of each element.</summary>
    public Tensor Exp() => Ops.Exp.Call(this);

    /// <summary>Each element's natural logarithm.</summary>
    public Tensor Log() => Ops.Log.Call(this);

    /// <summary>Each element's square root.</summary>
    public Tensor Sqrt() => Ops.Sqrt.Call(this);

    /// <summary>Each element's square.</summary>
    public Tensor Square() => Ops.Square.Call(this);

    /// <summary>−1, 0 or 1 for each element.</summary>
    public Tensor Sign() => Ops.Sign.Call(this);

    /// <summary>Each element to a power.</summary>
    public Tensor Pow(Scalar exponent) => Ops.Pow.Call(this, exponent);

    /// <summary>1 / x for each element x.</summary>
    public Tensor Reciprocal() => Ops.Reciprocal.Call(this);

    /// <summary>1 / (1 + e^−x) for each element x.</summary>
    public Tensor Sigmoid() => Ops.Sigmoid.Call(this);

    /// <summary>The hyperbolic tangent of each element.</summary>
    public Tensor Tanh() => Ops.Tanh.Call(this);

    /// <summary>Each element, moved into [min, max]; null leaves a side open.</summary>
    public Tensor Clamp(Scalar? min = null, Scalar? max = null) => Ops.Clamp.Call(this, min, max);

    /// <summary>The larger of each pair of elements; NaN where either is.</summary>
    public Tensor Maximum(Tensor other) => Ops.Maximum.Call(this, other);

    /// <summary>The smaller of each pair of elements; NaN where either is.</summary>
    public Tensor Minimum(Tensor other) => Ops.Minimum.Call(this, other);

    /// <summary>Elements of one tensor where this one is true, of the other elsewhere.</summary>
    public Tensor Where(Tensor whenTrue, Tensor whenFalse) => Ops.Where.Call(this, whenTrue, whenFalse);

    /// <summary>Each element's nearest whole number; a half goes to the even one.</summary>
    public Tensor Round() => Ops.Round.Call(this);

    /// <summary>this + value · a · b, elementwise.</summary>
    public Tensor AddCMul(Tensor a, Tensor b, double value = 1) => Ops.Addcmul.Call(this, a, b, value);
}
