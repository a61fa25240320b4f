namespace Sio.Torch;

/// <content>Comparisons; each gives a tensor of bools unless it says otherwise.</content>
public sealed unsafe partial class Tensor
{
    /// <summary>Where elements are equal.</summary>
    public Tensor Eq(Tensor other) => Ops.Eq.Call(this, other);

    /// <summary>Where elements equal a number.</summary>
    public Tensor Eq(Scalar other) => Ops.EqScalar.Call(this, other);

    /// <summary>Where elements differ from a number.</summary>
    public Tensor Ne(Scalar other) => Ops.NeScalar.Call(this, other);

    /// <summary>Where elements are less.</summary>
    public Tensor Lt(Tensor other) => Ops.Lt.Call(this, other);

    /// <summary>Where elements are less than a number.</summary>
    public Tensor Lt(Scalar other) => Ops.LtScalar.Call(this, other);

    /// <summary>Where elements are greater.</summary>
    public Tensor Gt(Tensor other) => Ops.Gt.Call(this, other);

    /// <summary>Where elements are greater than a number.</summary>
    public Tensor Gt(Scalar other) => Ops.GtScalar.Call(this, other);

    /// <summary>Where elements are at least a number.</summary>
    public Tensor Ge(Scalar other) => Ops.GeScalar.Call(this, other);

    /// <summary>Where elements are at most a number.</summary>
    public Tensor Le(Scalar other) => Ops.LeScalar.Call(this, other);

    /// <summary>Where elements are neither NaN nor infinite.</summary>
    public Tensor IsFinite() => Ops.IsFinite.Call(this);

    /// <summary>Whether every element is true, as a tensor of one element.</summary>
    public Tensor All() => Ops.All.Call(this);

    /// <summary>Whether any element is true, as a tensor of one element.</summary>
    public Tensor Any() => Ops.Any.Call(this);

    /// <summary>Whether shape and all elements are equal; NaN equals nothing.</summary>
    /// <exception cref="TorchException">Element types or devices differ.</exception>
    public bool ValuesEqual(Tensor other) => Ops.Equal.CallScalar(this, other).ToDouble() != 0;
}
