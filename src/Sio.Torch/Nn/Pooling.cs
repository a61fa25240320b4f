namespace Sio.Torch.Nn;

/// <summary>The largest element of each window.</summary>
/// <param name="kernelSize">Width and height of the window.</param>
/// <param name="stride">Step between windows; the window's size when left out.</param>
/// <param name="padding">Rows and columns around the image that never win.</param>
public sealed class MaxPool2d(int kernelSize, int? stride = null, int padding = 0) : Module
{
    /// <inheritdoc/>
    protected override Tensor ForwardCore(Tensor input) => input.MaxPool2d(kernelSize, stride, padding);
}

/// <summary>The mean of each window.</summary>
/// <param name="kernelSize">Width and height of the window.</param>
/// <param name="stride">Step between windows; the window's size when left out.</param>
/// <param name="padding">Zeros around the image, which count.</param>
public sealed class AvgPool2d(int kernelSize, int? stride = null, int padding = 0) : Module
{
    /// <inheritdoc/>
    protected override Tensor ForwardCore(Tensor input) => input.AvgPool2d(kernelSize, stride, padding);
}

/// <summary>Means over a grid of a given size, whatever the image's.</summary>
/// <param name="size">Width and height of the result.</param>
public sealed class AdaptiveAvgPool2d(int size) : Module
{
    /// <inheritdoc/>
    protected override Tensor ForwardCore(Tensor input) => input.AdaptiveAvgPool2d(size);
}

/// <summary>All dimensions from the second on made into one: [N,…] → [N,features].</summary>
public sealed class Flatten : Module
{
    /// <inheritdoc/>
    protected override Tensor ForwardCore(Tensor input) => input.Flatten(1);
}
