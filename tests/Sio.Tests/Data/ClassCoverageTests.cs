using Sio.Data;

namespace Sio.Tests.Data;

/// <summary>Training and test classes that do not belong together are told before the first step.</summary>
public sealed class ClassCoverageTests
{
    [Fact]
    public void Sets_that_fit_say_nothing() => Assert.Empty(ClassCoverage.Warnings(Set(0, 1, 2, 2), Set(0, 2)));

    [Fact]
    public void Labels_from_1_are_named_with_the_cause_and_the_test_class_never_trained_on()
    {
        var warnings = ClassCoverage.Warnings(Set(1, 2, 3), Set(0, 1, 2));
        Assert.Equal(2, warnings.Count);
        Assert.Contains("1 of the 4 classes of 'set' have no training images: 0; the training labels begin at 1, the test labels at 0: subtract 1", warnings[0], StringComparison.Ordinal);
        Assert.Contains("test images of 1 classes that are never trained on: 0", warnings[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Gaps_are_named()
    {
        var warning = Assert.Single(ClassCoverage.Warnings(Set(3, 40, 41), Set(3, 40, 41)));
        Assert.Contains("39 of the 42 classes", warning, StringComparison.Ordinal);
        Assert.Contains("the labels have gaps, and 0 to 2 was expected of 3 classes", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_class_is_named()
    {
        Assert.Contains("are of one class", Assert.Single(ClassCoverage.Warnings(Set(0, 0), Set(0))), StringComparison.Ordinal);
        Assert.Equal(3, ClassCoverage.Warnings(Set(1, 1), Set(0, 1)).Count);
    }

    [Fact]
    public void Labels_counted_from_1_in_both_sets_are_named() =>
        Assert.Contains("counted from 1", Assert.Single(ClassCoverage.Warnings(Set(1, 2), Set(1, 2))), StringComparison.Ordinal);

    private static ImageSet Set(params int[] labels) => new("set", new byte[labels.Length], labels, 1, 1, 1, labels.Max() + 1);
}
