using Sio.Engine;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Generation.Diffusion;

/// <summary>F of <see cref="Preconditioning"/>: a U-Net and the embedding of what it is told, in the precision and memory order of the settings.</summary>
internal sealed class DenoisingNetwork : NamedModule
{
    private const int EmbeddingWidth = 4;

    private readonly DiffusionSettings _settings;
    private readonly Dropout _dropout;
    private readonly ConditionEmbedding _embedding;
    private readonly UNet _unet;

    internal DenoisingNetwork(GeneratorShape shape, DiffusionSettings settings, Generator? generator)
        : base(nameof(DenoisingNetwork))
    {
        _settings = settings;
        _dropout = new Dropout(settings.Dropout);
        var size = EmbeddingWidth * settings.Channels;
        _embedding = this.Register("embedding", new ConditionEmbedding(settings.Channels, size, shape.Classes, ConditionedAugmentation.ParameterCount(settings.Augment), generator));
        _unet = this.Register("unet", new UNet(shape, settings, size, _dropout, generator));
        if (settings.ChannelsLast)
            this.ToMemoryFormat(memory_format.channels_last);
    }

    /// <summary>Drops activations by these random numbers; null for no more.</summary>
    internal void DropWith(Generator? random) => _dropout.Random = random;

    /// <summary>F(input; noise, class, augmentation).</summary>
    /// <param name="input">c_in·x, [N,C,H,W] float32.</param>
    /// <param name="noise">c_noise [N] float32.</param>
    /// <param name="labels">Classes [N] int64; the number of classes stands for none.</param>
    /// <param name="augmentation">Parameters [N,a], or null.</param>
    /// <returns>[N,C,H,W] float32.</returns>
    internal Tensor Forward(Tensor input, Tensor noise, Tensor labels, Tensor? augmentation = null)
    {
        using var scope = NewDisposeScope();
        var x = _settings.ChannelsLast ? TensorMemory.Contiguous(input, memory_format.channels_last) : input;
        using (Precision.To(_settings.Precision == DiffusionPrecision.Bf16 ? ScalarType.BFloat16 : Precision.Current))
            x = _unet.call(x, _embedding.Forward(noise, labels, augmentation));
        return scope.MoveToOuter(x.to(ScalarType.Float32));
    }
}
