using Sio.Data;

namespace Sio.Tests.Data;

public sealed class ContactSheetTests
{
    private const byte P = 128;

    // Three images of 1×2: class 1, class 0, class 1.
    private static readonly ImageSet s_grey = new("grey", [1, 2, 3, 4, 5, 6], [1, 0, 1], 1, 1, 2, 2);

    [Fact]
    public void A_row_per_class_with_the_first_images_of_each()
    {
        var rows = ContactSheet.RowPerClass(s_grey, 1);
        Assert.Equal([1], rows[0].Select(cell => cell.Index));
        Assert.Equal([0], rows[1].Select(cell => cell.Index));
        Assert.Equal([0, 2], ContactSheet.RowPerClass(s_grey, 5)[1].Select(cell => cell.Index));
    }

    [Fact]
    public void Images_lie_in_a_grid()
    {
        var sheet = ContactSheet.Compose(ContactSheet.RowPerClass(s_grey, 2), padding: 1);
        Assert.Equal((7, 5, 1), (sheet.Width, sheet.Height, sheet.Channels));
        Assert.Equal(
            [
                P, P, P, P, P, P, P,
                P, 3, 4, P, P, P, P,
                P, P, P, P, P, P, P,
                P, 1, 2, P, 5, 6, P,
                P, P, P, P, P, P, P,
            ],
            sheet.Pixels);
    }

    [Fact]
    public void A_cell_can_be_left_empty() =>
        Assert.Equal([P, P, 1, 2], ContactSheet.Compose([[(s_grey, -1), (s_grey, 0)]], padding: 0).Pixels);

    [Fact]
    public void Pixels_grow_and_channels_come_together()
    {
        var rgb = new ImageSet("rgb", [1, 2, 3, 4, 5, 6], [0], 3, 1, 2, 1);
        var sheet = ContactSheet.Compose([[(rgb, 0)]], padding: 0, scale: 2);
        Assert.Equal((4, 2, 3), (sheet.Width, sheet.Height, sheet.Channels));
        byte[] row = [1, 3, 5, 1, 3, 5, 2, 4, 6, 2, 4, 6];
        Assert.Equal([.. row, .. row], sheet.Pixels);
    }

    [Fact]
    public void It_is_written_as_a_PNG_file()
    {
        using var folder = new TempFolder();
        ContactSheet.Write(folder.File("sheet.png"), [[(s_grey, 2)]], padding: 0);
        Assert.Equal([5, 6], Png.Read(folder.File("sheet.png")).Pixels);
    }

    [Fact]
    public void What_cannot_be_shown_is_refused()
    {
        Assert.Throws<ArgumentException>(() => ContactSheet.Compose([[], []]));
        var other = new ImageSet("other", [1], [0], 1, 1, 1, 1);
        Assert.Throws<ArgumentException>(() => ContactSheet.Compose([[(s_grey, 0), (other, 0)]]));
        var four = new ImageSet("four", [1, 2, 3, 4], [0], 4, 1, 1, 1);
        Assert.Throws<ArgumentException>(() => ContactSheet.Compose([[(four, 0)]]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ContactSheet.Compose([[(s_grey, 0)]], padding: 40_000));
    }
}
