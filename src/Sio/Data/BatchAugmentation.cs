using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sio.Data.Images;

namespace Sio.Data;

/// <summary>
/// Turns the images of a batch into the network's input: zero padding and a random crop back to size, or a random part of the image resized (<see cref="RandomResizedCrop"/>), a random horizontal
/// flip, then (x/255 − mean)/std per channel. Padding comes before normalisation, so the border is black, as with
/// torchvision's <c>RandomCrop(size, padding)</c>, <c>RandomHorizontalFlip</c>, <c>ToTensor</c>, <c>Normalize</c>.
/// </summary>
/// <remarks>
/// The draw for an image depends on the seed, the batch's step and the image's place in the batch alone, never on threads
/// or on what was drawn before. An instance can be used by several threads. Images that are read from files, and those that are resized, are done several at a time.
/// </remarks>
public sealed partial class BatchAugmentation
{
    private const int Levels = 256;
    private readonly float[] _table;
    private readonly float[] _mean;
    private readonly float[] _std;

    /// <summary>Makes the transform for training.</summary>
    /// <param name="mean">Per channel, on the scale 0 to 1.</param>
    /// <param name="std">Per channel, on the scale 0 to 1; &gt; 0.</param>
    /// <param name="padding">Pixels of black border from which the crop is taken, ≥ 0: shifts of up to that much either way, all equally likely.</param>
    /// <param name="flip">Whether to mirror each image with probability ½.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <exception cref="ArgumentException">Means and deviations do not go together, or a value is out of range.</exception>
    public BatchAugmentation(ReadOnlySpan<float> mean, ReadOnlySpan<float> std, int padding, bool flip, long seed)
    {
        if (mean.IsEmpty || mean.Length != std.Length)
            throw new ArgumentException(ImageSet.Text($"{mean.Length} means and {std.Length} standard deviations, one of each per channel is needed."), nameof(std));
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(padding, short.MaxValue);
        _table = new float[mean.Length * Levels];
        for (var c = 0; c < mean.Length; c++)
        {
            if (!float.IsFinite(mean[c]) || !float.IsFinite(std[c]) || std[c] <= 0)
                throw new ArgumentException(ImageSet.Text($"Mean {mean[c]} and standard deviation {std[c]} of channel {c}: finite numbers are needed, the deviation above 0."), nameof(std));
            // A byte has 256 values, so the arithmetic is done once, in float32 and in torchvision's order.
            for (var level = 0; level < Levels; level++)
                _table[(c * Levels) + level] = ((level / 255f) - mean[c]) / std[c];
        }

        _mean = mean.ToArray();
        _std = std.ToArray();
        Channels = mean.Length;
        Padding = padding;
        Flip = flip;
        Seed = seed;
    }

    /// <summary>Channels per image.</summary>
    public int Channels { get; }

    /// <summary>The largest shift in each direction; 0 for no crop.</summary>
    public int Padding { get; }

    /// <summary>Whether images are mirrored with probability ½.</summary>
    public bool Flip { get; }

    /// <summary>
    /// Whether mirroring alternates (Jordan 2024, "94% on CIFAR-10 in 3.29 seconds", section 3.6): a hash of the image says whether it is mirrored in even epochs, and in odd ones it is the other way round,
    /// so that two epochs show both views of an image. Where it is not, chance says so each time. Means nothing without <see cref="Flip"/>.
    /// </summary>
    public bool AlternatingFlip { get; init; }

    /// <summary>The random part of an image that is resized to the set's size, before anything else; null for none. Needs 1 or 3 channels.</summary>
    public RandomResizedCrop? RandomResizedCrop { get; init; }

    /// <summary>The seed of the run.</summary>
    public long Seed { get; }

    /// <summary>Makes the transform for measuring: normalisation alone.</summary>
    /// <param name="mean">Per channel, on the scale 0 to 1.</param>
    /// <param name="std">Per channel, on the scale 0 to 1; &gt; 0.</param>
    /// <exception cref="ArgumentException">Means and deviations do not go together, or a value is out of range.</exception>
    public static BatchAugmentation Evaluation(ReadOnlySpan<float> mean, ReadOnlySpan<float> std) => new(mean, std, 0, false, 0);

    /// <summary>The same transform with other draws.</summary>
    public BatchAugmentation WithSeed(long seed) => new(_mean, _std, Padding, Flip, seed) { AlternatingFlip = AlternatingFlip, RandomResizedCrop = RandomResizedCrop };

    /// <summary>Fills the network's input with a batch: real images first, then synthetic ones.</summary>
    /// <param name="batch">Which images.</param>
    /// <param name="real">The real set.</param>
    /// <param name="synthetic">The synthetic set; null if the batch has no synthetic images.</param>
    /// <param name="destination">Room for count × C × H × W values; more is left as it is.</param>
    /// <exception cref="ArgumentException">There is too little room, an index is not in its set, or the sizes of images or the numbers of channels differ.</exception>
    /// <exception cref="DataException">The file of an image is missing or cannot be read.</exception>
    public void Fill(Batch batch, ImageSet real, ImageSet? synthetic, Span<float> destination) => Fill(batch, real, synthetic, destination, null, 0);

    /// <summary>Fills the network's input with a view of a batch: crops and flips are the same for all views, and a transform comes between them and normalisation.</summary>
    /// <param name="batch">Which images.</param>
    /// <param name="real">The real set.</param>
    /// <param name="synthetic">The synthetic set; null if the batch has no synthetic images.</param>
    /// <param name="destination">Room for count × C × H × W values; more is left as it is.</param>
    /// <param name="transform">What is done to each image; null for nothing.</param>
    /// <param name="view">Which view, from 0: the transform draws by it.</param>
    /// <exception cref="ArgumentException">There is too little room, an index is not in its set, or the sizes of images or the numbers of channels differ.</exception>
    /// <exception cref="DataException">The file of an image is missing or cannot be read.</exception>
    public unsafe void Fill(Batch batch, ImageSet real, ImageSet? synthetic, Span<float> destination, ImageTransform? transform, int view)
    {
        fixed (float* start = destination)
        {
            // A span cannot be handed to other threads; this memory stays where it is until they are done.
            var (at, room) = ((nint)start, destination.Length);
            FillViews(batch, real, synthetic, [transform], _ => new Span<float>((float*)at, room), view);
        }
    }

    /// <summary>Fills the network's input with several views of a batch, each image of which is read once.</summary>
    /// <param name="batch">Which images.</param>
    /// <param name="real">The real set.</param>
    /// <param name="synthetic">The synthetic set; null if the batch has no synthetic images.</param>
    /// <param name="transforms">What is done to each image in each view; null for nothing.</param>
    /// <param name="place">Where a view goes, by its place in <paramref name="transforms"/>: memory that stays where it is; asked once for
    /// each view.</param>
    /// <param name="firstView">Number of the first view: the transforms draw by it.</param>
    internal unsafe void FillViews(Batch batch, ImageSet real, ImageSet? synthetic, IReadOnlyList<ImageTransform?> transforms, Func<int, Span<float>> place, int firstView = 0)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(real);

        // Asked here, not for each image: to find a tensor's memory takes several calls of LibTorch. A span cannot be handed to other
        // threads.
        var places = new nint[transforms.Count];
        for (var view = 0; view < transforms.Count; view++)
        {
            var room = place(view);
            CheckSet(real, batch.Count, room.Length);
            places[view] = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(room));
        }

        if (synthetic is not null && !synthetic.HasSameImageSize(real))
            throw new ArgumentException(ImageSet.Text($"'{synthetic}' and '{real}' have images of different sizes."), nameof(synthetic));
        batch.CheckIndices(real, synthetic);

        var key = RandomStream.Key(Seed, "augmentation", batch.Step);
        var length = real.ImageLength;
        ParallelImages.For(batch.Count, Threads(real, synthetic), i =>
        {
            var (set, index) = i < batch.Real.Length ? (real, batch.Real[i]) : (synthetic!, batch.Synthetic[i - batch.Real.Length]);
            var (down, right, mirrored) = DrawShift(key, i);
            if (AlternatingFlip)
                mirrored = Alternates(batch, i);
            byte[]? room = null, shifted = null;
            try
            {
                var source = Source(set, index, batch.Step, i, ref room);
                for (var view = 0; view < transforms.Count; view++)
                {
                    var result = new Span<float>((float*)places[view] + ((long)i * length), length);
                    if (transforms[view] is not { } transform)
                    {
                        Transform(source, result, set.Height, set.Width, down, right, mirrored);
                        continue;
                    }

                    var size = new ImageSize(set.Channels, set.Height, set.Width);
                    if (shifted is null)
                    {
                        shifted = ArrayPool<byte>.Shared.Rent(length);
                        Shift(source, shifted.AsSpan(0, length), size, down, right, mirrored);
                    }

                    transform.Apply(shifted.AsSpan(0, length), result, size, RandomStream.For(Seed, "transform", batch.Step, firstView + view, i));
                    Normalize(result, length / Channels);
                }
            }
            finally
            {
                Return(room);
                Return(shifted);
            }
        });
    }

    /// <summary>Fills the network's input with consecutive images as they are: normalised, neither cropped nor flipped.</summary>
    /// <param name="set">The set.</param>
    /// <param name="start">The first image.</param>
    /// <param name="count">How many.</param>
    /// <param name="destination">Room for count × C × H × W values; more is left as it is.</param>
    /// <exception cref="ArgumentException">There is too little room, the images are not in the set, or the number of channels differs.</exception>
    public unsafe void FillPlain(ImageSet set, int start, int count, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > set.Count - start)
            throw new ArgumentException(ImageSet.Text($"Images {start}..{(long)start + count - 1} are not in '{set.Name}', which has {set.Count}."), nameof(count));
        CheckSet(set, count, destination.Length);
        fixed (float* first = destination)
        {
            var (at, length) = ((nint)first, set.ImageLength);
            ParallelImages.For(count, set.ReadingThreads, i =>
            {
                byte[]? room = null;
                try
                {
                    Transform(Plain(set, start + i, ref room), new Span<float>((float*)at + ((long)i * length), length), set.Height, set.Width, 0, 0, false);
                }
                finally
                {
                    Return(room);
                }
            });
        }
    }

    /// <summary>
    /// The draw for one place in a batch: 31 bits each for row and column, one for the mirror. Scaled to 2p + 1 values,
    /// none of them is more than 2⁻¹⁵ more likely than another.
    /// </summary>
    internal (int Down, int Right, bool Mirrored) DrawShift(ulong key, int place)
    {
        var bits = RandomStream.At(key, (ulong)place);
        var choices = (ulong)((2 * Padding) + 1);
        var row = (int)(((bits >> 33) * choices) >> 31);
        var column = (int)((((bits >> 2) & 0x7FFFFFFF) * choices) >> 31);
        return (row - Padding, column - Padding, Flip && (bits & 1) != 0);
    }

    // One thread's time per image in memory is less than it costs to share them out; what is read or resized is another matter.
    private int Threads(ImageSet real, ImageSet? synthetic) =>
        RandomResizedCrop is not null && !real.IsStreamed ? Environment.ProcessorCount : Math.Max(real.ReadingThreads, synthetic?.ReadingThreads ?? 1);

    // The image before crop and flip: where it is in memory already, or read into memory that is rented for it.
    private ReadOnlySpan<byte> Source(ImageSet set, int index, long step, int place, ref byte[]? room)
    {
        if (RandomResizedCrop is not { } crop)
            return Plain(set, index, ref room);
        room = ArrayPool<byte>.Shared.Rent(set.ImageLength);
        set.CopyCrop(index, crop, RandomStream.For(Seed, "random resized crop", step, place), room);
        return room.AsSpan(0, set.ImageLength);
    }

    private static ReadOnlySpan<byte> Plain(ImageSet set, int index, ref byte[]? room)
    {
        if (!set.IsStreamed)
            return set.Image(index);
        room = ArrayPool<byte>.Shared.Rent(set.ImageLength);
        set.CopyImage(index, room);
        return room.AsSpan(0, set.ImageLength);
    }

    private static void Return(byte[]? room)
    {
        if (room is not null)
            ArrayPool<byte>.Shared.Return(room);
    }

    private bool Alternates(Batch batch, int place)
    {
        var (source, index) = place < batch.Real.Length ? (0, batch.Real[place]) : (1, batch.Synthetic[place - batch.Real.Length]);
        return Flip && ((RandomStream.Key(Seed, "alternating flip", source, index) & 1) == 0) == (batch.Epoch % 2 == 0);
    }

    private void CheckSet(ImageSet set, int count, int room)
    {
        if (set.Channels != Channels)
            throw new ArgumentException(ImageSet.Text($"'{set}' has {set.Channels} channels, means and deviations were given for {Channels}."), nameof(set));
        if (RandomResizedCrop is not null && Channels is not (1 or 3))
            throw new ArgumentException(ImageSet.Text($"'{set}' has {set.Channels} channels; a random part can be resized where there are 1 or 3."), nameof(set));
        if (room < (long)count * set.ImageLength)
            throw new ArgumentException(ImageSet.Text($"Room for {room} values, {count} images of '{set.Name}' take {(long)count * set.ImageLength}."));
    }
}
