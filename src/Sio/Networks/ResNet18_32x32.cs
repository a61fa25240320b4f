using static TorchSharp.torch;

namespace Sio.Networks;

/// <summary>
/// ResNet-18 for 32×32 images (He et al. 2016, in the form used on CIFAR): four stages of two blocks with 64, 128, 256 and 512 channels.
/// Layers and names are those of OpenOOD's network of this name, so its weights fit. 512 features. Other image sizes work, from 8×8.
/// </summary>
/// <param name="shape">Images and classes.</param>
/// <param name="generator">Makes the initial weights (PyTorch's); the shared generator when null.</param>
[CatalogEntry("resnet18_32x32", "ResNet-18 for 32×32 images, 11.2 M parameters, 512 features", Paper = "He et al. 2016")]
public sealed class ResNet18_32x32(ClassifierShape shape, Generator? generator = null)
    : SmallImageResNet(shape, blocks: 2, [64, 128, 256, 512], generator);
