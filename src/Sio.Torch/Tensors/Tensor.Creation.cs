namespace Sio.Torch;

/// <content>New tensors.</content>
public sealed unsafe partial class Tensor
{
    /// <summary>A tensor with whatever its memory holds.</summary>
    public static Tensor Empty(long[] shape, DType dtype = DType.Float32, Device? device = null) =>
        Ops.Empty.Call(shape, dtype, Argument.Default, device);

    /// <summary>A tensor of zeros.</summary>
    public static Tensor Zeros(long[] shape, DType dtype = DType.Float32, Device? device = null) =>
        Ops.Zeros.Call(shape, dtype, Argument.Default, device);

    /// <summary>A tensor of ones.</summary>
    public static Tensor Ones(long[] shape, DType dtype = DType.Float32, Device? device = null) =>
        Ops.Ones.Call(shape, dtype, Argument.Default, device);

    /// <summary>A tensor filled with one value.</summary>
    public static Tensor Full(long[] shape, Scalar value, DType dtype = DType.Float32, Device? device = null) =>
        Ops.Full.Call(shape, value, dtype, Argument.Default, device);

    /// <summary>start, start + step, … below end.</summary>
    public static Tensor Arange(Scalar start, Scalar end, Scalar step, DType dtype = DType.Float32, Device? device = null) =>
        Ops.Arange.Call(start, end, step, dtype, Argument.Default, device);

    /// <summary>The n × n identity.</summary>
    public static Tensor Eye(long n, DType dtype = DType.Float32, Device? device = null) =>
        Ops.Eye.Call(n, dtype, Argument.Default, device);

    /// <summary>Uniform random numbers in [0, 1).</summary>
    public static Tensor Rand(long[] shape, Generator? generator = null, DType dtype = DType.Float32) =>
        Ops.Rand.Call(shape, generator, dtype, Argument.Default, generator?.Device ?? Device.Cpu);

    /// <summary>Standard normal random numbers.</summary>
    public static Tensor Randn(long[] shape, Generator? generator = null, DType dtype = DType.Float32) =>
        Ops.Randn.Call(shape, generator, dtype, Argument.Default, generator?.Device ?? Device.Cpu);

    /// <summary>Random integers from low to high − 1.</summary>
    public static Tensor RandInt(long low, long high, long[] shape, Generator? generator = null) =>
        Ops.RandInt.Call(low, high, shape, generator, DType.Int64, Argument.Default, generator?.Device ?? Device.Cpu);

    /// <summary>A random order of 0 … n − 1.</summary>
    public static Tensor RandPerm(long n, Generator? generator = null) =>
        Ops.RandPerm.Call(n, generator, DType.Int64, Argument.Default, generator?.Device ?? Device.Cpu);

    /// <summary>A tensor of this one's shape, type and device, with whatever its memory holds.</summary>
    public Tensor EmptyLike() => Ops.EmptyLike.Call(this);

    /// <summary>Zeros of this tensor's shape, type and device.</summary>
    public Tensor ZerosLike() => Ops.ZerosLike.Call(this);

    /// <summary>Ones of this tensor's shape, type and device.</summary>
    public Tensor OnesLike() => Ops.OnesLike.Call(this);

    /// <summary>Fills this tensor with uniform random numbers in [low, high).</summary>
    /// <returns>This tensor.</returns>
    public Tensor Uniform_(double low, double high, Generator? generator = null) => Same(Ops.Uniform_, low, high, generator);

    /// <summary>Fills this tensor with normal random numbers.</summary>
    /// <returns>This tensor.</returns>
    public Tensor Normal_(double mean = 0, double std = 1, Generator? generator = null) => Same(Ops.Normal_, mean, std, generator);

    private Tensor Same(Operator op, Argument a, Argument b, Argument c)
    {
        op.Run(this, a, b, c);
        return this;
    }

    private Tensor Same(Operator op, Argument a, Argument b)
    {
        op.Run(this, a, b);
        return this;
    }

    private Tensor Same(Operator op, Argument a)
    {
        op.Run(this, a);
        return this;
    }

    private Tensor Same(Operator op)
    {
        op.Run(this);
        return this;
    }
}
