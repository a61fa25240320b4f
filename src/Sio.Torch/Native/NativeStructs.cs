using System.Runtime.InteropServices;

namespace Sio.Torch.Native;

/// <summary><c>enum sio_tag</c>: what a <see cref="NativeValue"/> holds.</summary>
internal enum ValueTag
{
    None = 0,
    Default = 1,
    Tensor = 2,
    Int = 3,
    Double = 4,
    Bool = 5,
    String = 6,
    IntList = 7,
    DoubleList = 8,
    BoolList = 9,
    TensorList = 10,
    Generator = 11,
    Device = 12,
}

/// <summary><c>struct sio_value</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct NativeValue
{
    [FieldOffset(0)] public ValueTag Tag;
    [FieldOffset(4)] public int Count;
    [FieldOffset(8)] public long Integer;
    [FieldOffset(8)] public double Number;
    [FieldOffset(8)] public nint Pointer;
}

/// <summary><c>struct sio_tensor_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeTensorInfo
{
    public int DType;
    public int DeviceType;
    public int DeviceIndex;
    public int Dim;
    public long Numel;
    public long* Sizes;
}
