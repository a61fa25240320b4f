using Sio.Recipes;

namespace Sio.Tests.Recipes;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ab", "ba", 1)]
    [InlineData("ca", "abc", 3)] // the restricted form: 2 in the unrestricted one
    [InlineData("learing_rate", "learning_rate", 1)]
    public void Distance_counts_edits(string a, string b, int expected)
    {
        Assert.Equal(expected, NearestName.Distance(a, b));
        Assert.Equal(expected, NearestName.Distance(b, a));
    }

    [Theory]
    [InlineData("mps", "msp")]
    [InlineData("KNN", "knn")]
    [InlineData("ash-p", "ash_p")]
    [InlineData("temp", "tempscale")]
    [InlineData("gradnrom", "gradnorm")]
    [InlineData("xyz", null)]
    [InlineData("", null)]
    [InlineData("p", null)]
    public void Finds_the_nearest_or_none(string typed, string? expected) =>
        Assert.Equal(expected, NearestName.Find(typed, ["msp", "knn", "ash_p", "tempscale", "gradnorm", "k"]));
}
