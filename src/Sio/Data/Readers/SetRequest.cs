using Sio.Data.Images;

namespace Sio.Data.Readers;

/// <summary>Which classes of a data set are wanted.</summary>
public enum ClassPart
{
    /// <summary>All, with the labels they have.</summary>
    All,

    /// <summary>Those that the rule knows, renumbered from 0.</summary>
    Known,

    /// <summary>Those that the rule holds out, as out-of-distribution images.</summary>
    HeldOut,
}

/// <summary>What is asked of a reader of a data set.</summary>
public sealed record SetRequest
{
    /// <summary>What the set is to be called.</summary>
    public required string Name { get; init; }

    /// <summary>Size and channels that the images are brought to; null leaves sets in memory as they are, and makes files RGB at their own size.</summary>
    public ImagePreparation? Preparation { get; init; }

    /// <summary>Where decoded sets are kept; null for nowhere.</summary>
    public ImageSetCache? Cache { get; init; }

    /// <summary>Is told on one line that a set is too large for memory and is read from its files; null for nobody.</summary>
    public Action<string>? Tell { get; init; }

    /// <summary>Stops between files and pictures.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Which classes; null with <see cref="ClassPart.All"/>.</summary>
    public ClassRule? Classes { get; init; }

    /// <summary>Which side of the rule.</summary>
    public ClassPart Part { get; init; } = ClassPart.All;

    /// <summary>Which of a rule's random choices.</summary>
    public int ClassSplit { get; init; }

    /// <summary>The labels that are wanted, in the order of their new ones.</summary>
    /// <exception cref="DataException">The rule speaks of other classes.</exception>
    internal int[] Wanted(int classCount)
    {
        Classes!.Check(classCount);
        return Part == ClassPart.Known ? Classes.Known(ClassSplit) : Classes.HeldOut(classCount, ClassSplit);
    }

    /// <summary>The part of a listing that is asked for.</summary>
    /// <exception cref="DataException">The rule speaks of other classes, or none of the images is of those asked for.</exception>
    internal ImageListing Choose(ImageListing all)
    {
        ArgumentNullException.ThrowIfNull(all);
        return Part switch
        {
            ClassPart.Known => all.KeepClasses(Wanted(all.ClassCount)),
            ClassPart.HeldOut => all.HoldOutClasses(Wanted(all.ClassCount)),
            _ => all,
        };
    }
}
