using Microsoft.Win32.SafeHandles;

namespace Sio.Torch.Native;

/// <summary>Owns one native tensor handle; a tensor that nobody disposed is given back by the finalizer.</summary>
internal sealed class TensorHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public TensorHandle(nint pointer)
        : base(ownsHandle: true) => SetHandle(pointer);

    protected override bool ReleaseHandle()
    {
        NativeMethods.sio_tensor_free(handle);
        return true;
    }
}

/// <summary>Owns one native random generator.</summary>
internal sealed class GeneratorHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public GeneratorHandle(nint pointer)
        : base(ownsHandle: true) => SetHandle(pointer);

    protected override bool ReleaseHandle()
    {
        NativeMethods.sio_generator_free(handle);
        return true;
    }
}

/// <summary>Owns one native TorchScript module.</summary>
internal sealed class ScriptHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public ScriptHandle(nint pointer)
        : base(ownsHandle: true) => SetHandle(pointer);

    protected override bool ReleaseHandle()
    {
        NativeMethods.sio_script_free(handle);
        return true;
    }
}
