using static TorchSharp.torch;

namespace Sio.Networks;

/// <summary>
/// A small residual network for 28×28 images: He et al. 2016, section 4.2, with n = 1: three stages of one block with 16, 32 and 64
/// channels. 64 features. Trains on a CPU in a minute; other image sizes work, from 4×4.
/// </summary>
/// <param name="shape">Images and classes.</param>
/// <param name="generator">Makes the initial weights (PyTorch's); the shared generator when null.</param>
[CatalogEntry("resnet8_28x28", "small ResNet (16-32-64) for 28×28 images, 78 k parameters, 64 features", Paper = "He et al. 2016")]
public sealed class ResNet8_28x28(ClassifierShape shape, Generator? generator = null)
    : SmallImageResNet(shape, blocks: 1, [16, 32, 64], generator);
