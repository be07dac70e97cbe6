package main

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
)

// chart is a drawing of one or more panels, one below the other, for a page that may be light or dark.
type chart struct {
	title  string
	panels []panel
}

// panel has values over steps that stand at equal distances, such as 1, 2 and 4 workers, or 10,000, 100,000 and a million rows.
type panel struct {
	title  string
	xLabel string
	yLabel string // with the unit
	steps  []string
	series []series
	// limit is a goal that is drawn across; 0: none.
	limit     float64
	limitName string
}

// series is one line; with a single one the panel has bars instead.
type series struct {
	name   string
	values []float64 // one for each step
}

// Where things are, in the drawing's units.
const (
	chartWidth   = 780
	headHeight   = 44
	panelHeight  = 330
	plotLeft     = 70
	plotRight    = 530 // beyond it stand the names of the lines
	plotTop      = 46
	plotBottom   = 262
	barWidth     = 64
	marker       = 4
	lineOfText   = 15
	keyGap       = 6 // around the sample of a line before its name
	keyLength    = 28
	tickGap      = 8
	baselineDrop = 4
	xTickDrop    = 20
	xLabelDrop   = 42
	yLabelLeft   = 18
	mostTicks    = 5
	headroom     = 1.08 // above the highest value
)

// chartStyle gives each line a colour and a pattern of its own, so that nobody needs to tell colours apart; each stands out from both
// grounds by 3:1 or more (WCAG 1.4.11).
const chartStyle = `
  text { font: 13px system-ui, sans-serif; fill: #1b1f24 }
  .title { font-size: 17px; font-weight: 600 } .panel { font-weight: 600 } .soft { fill: #4d5761 }
  .ground { fill: #ffffff } .grid { stroke: #d5dbe1 } .axis { stroke: #4d5761 } .limit { stroke: #4d5761; stroke-dasharray: 2 4 }
  .line { fill: none; stroke-width: 2 } .leader { stroke: #9aa4ae; stroke-width: 1 } .bar { fill: #0059b3 }
  .s0 { stroke: #0059b3 } .s1 { stroke: #b34700; stroke-dasharray: 8 4 } .s2 { stroke: #00755e; stroke-dasharray: 3 3 }
  .s3 { stroke: #8a2a9b; stroke-dasharray: 12 3 3 3 }
  .s4 { stroke: #7a5c00; stroke-dasharray: 1 3 } .s5 { stroke: #c2185b; stroke-dasharray: 14 5 }
  .dot { stroke-width: 2; stroke-dasharray: none; fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8ecf0 } .soft { fill: #aab4be } .ground, .dot { fill: #12171d } .grid { stroke: #313a44 }
    .axis, .limit { stroke: #aab4be }
    .bar { fill: #6cb2ff }
    .s0 { stroke: #6cb2ff } .s1 { stroke: #ff9d5c } .s2 { stroke: #3fd1ae } .s3 { stroke: #d58ce6 }
    .s4 { stroke: #e0bd4b } .s5 { stroke: #ff7fae }
  }
`

// patterns is how many lines the style tells apart.
const patterns = 6

// SVG draws the chart. For those who cannot see it, its description says every value.
func (c chart) SVG() []byte {
	var svg bytes.Buffer

	height := headHeight + panelHeight*len(c.panels)
	fmt.Fprintf(&svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" ",
		chartWidth, height, chartWidth, height)
	svg.WriteString("aria-labelledby=\"title desc\">\n")
	fmt.Fprintf(&svg, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n", inXML(c.title), inXML(c.inWords()))
	fmt.Fprintf(&svg, "<style>%s</style>\n<rect class=\"ground\" width=\"%d\" height=\"%d\"/>\n", chartStyle, chartWidth, height)
	text(&svg, "title", "start", yLabelLeft, headHeight-lineOfText, c.title)

	for i, one := range c.panels {
		fmt.Fprintf(&svg, "<g transform=\"translate(0 %d)\">\n", headHeight+i*panelHeight)
		one.draw(&svg)
		svg.WriteString("</g>\n")
	}

	svg.WriteString("</svg>\n")

	return svg.Bytes()
}

func (c chart) write(file string) error {
	return os.WriteFile(file, c.SVG(), 0o600) //nolint:wrapcheck // a path error says everything.
}

func (c chart) inWords() string {
	var words []string

	for _, one := range c.panels {
		for _, line := range one.series {
			var values []string
			for i, value := range line.values {
				values = append(values, one.steps[i]+": "+number(value))
			}

			words = append(words, fmt.Sprintf("%s, %s (%s by %s): %s.", one.title, line.name, one.yLabel, one.xLabel, strings.Join(values, ", ")))
		}
	}

	return strings.Join(words, " ")
}

func (p panel) draw(svg *bytes.Buffer) {
	text(svg, "panel", "start", yLabelLeft, lineOfText, p.title)

	step, top := scaleOf(p.most())
	for value := 0.0; value <= top+step/2; value += step {
		at := p.y(value, top)
		fmt.Fprintf(svg, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n", plotLeft, plotRight, at, at)
		text(svg, "soft", "end", plotLeft-tickGap, at+baselineDrop, number(value))
	}

	fmt.Fprintf(svg, "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n", plotLeft, plotRight, plotBottom, plotBottom)

	for i, name := range p.steps {
		text(svg, "soft", "middle", p.x(i), plotBottom+xTickDrop, name)
	}

	text(svg, "soft", "middle", float64(plotLeft+plotRight)/2, plotBottom+xLabelDrop, p.xLabel)
	text(svg, "soft", "start", yLabelLeft, plotTop-lineOfText, p.yLabel)

	if p.limit > 0 && p.limit <= top {
		at := p.y(p.limit, top)
		fmt.Fprintf(svg, "<line class=\"limit\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n", plotLeft, plotRight, at, at)
		text(svg, "soft", "start", plotLeft+tickGap, at-baselineDrop, p.limitName)
	}

	if len(p.series) == 1 {
		p.drawBars(svg, top)
	} else {
		p.drawLines(svg, top)
	}
}

func (p panel) drawBars(svg *bytes.Buffer, top float64) {
	for i, value := range p.series[0].values {
		at := p.y(value, top)
		fmt.Fprintf(svg, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>\n",
			p.x(i)-barWidth/2, at, barWidth, plotBottom-at)
		text(svg, "value", "middle", p.x(i), at-baselineDrop, number(value))
	}
}

func (p panel) drawLines(svg *bytes.Buffer, top float64) {
	ends := p.namesApart(top)

	for i, line := range p.series {
		var points []string
		for step, value := range line.values {
			points = append(points, fmt.Sprintf("%.1f,%.1f", p.x(step), p.y(value, top)))
		}

		fmt.Fprintf(svg, "<polyline class=\"line s%d\" points=\"%s\"/>\n", i%patterns, strings.Join(points, " "))

		for step, value := range line.values {
			fmt.Fprintf(svg, "<circle class=\"dot s%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"%d\"/>\n", i%patterns, p.x(step), p.y(value, top), marker)
		}

		last := len(line.values) - 1
		fmt.Fprintf(svg, "<line class=\"leader\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n",
			p.x(last)+2*marker, p.y(line.values[last], top), plotRight, ends[i])
		fmt.Fprintf(svg, "<line class=\"line s%d\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n",
			i%patterns, plotRight+keyGap, ends[i], plotRight+keyGap+keyLength, ends[i])
		text(svg, "value", "start", plotRight+2*keyGap+keyLength, ends[i]+baselineDrop, line.name+", "+number(line.values[last]))
	}
}

// namesApart are the heights of the lines' names: as near to the lines' ends as they can be a line of text apart from each other.
func (p panel) namesApart(top float64) []float64 {
	heights := make([]float64, len(p.series))
	order := make([]int, len(p.series))

	for i, line := range p.series {
		order[i], heights[i] = i, p.y(line.values[len(line.values)-1], top)
	}

	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(heights[a], heights[b]) })

	// Names that would overlap stand together as a block around the middle of their lines' ends.
	var blocks []nameBlock

	for _, i := range order {
		blocks = append(blocks, nameBlock{middle: heights[i], names: []int{i}})

		for last := len(blocks) - 1; last > 0 && blocks[last-1].end() > blocks[last].begin(); last-- {
			blocks = append(blocks[:last-1], blocks[last-1].with(blocks[last]))
		}
	}

	// None stands below the axis.
	floor := float64(plotBottom)

	for _, block := range slices.Backward(blocks) {
		block.middle = min(block.middle, floor-(block.end()-block.middle)+lineOfText/2)
		floor = block.begin() - lineOfText/2

		for i, name := range block.names {
			heights[name] = block.begin() + lineOfText/2 + float64(i)*lineOfText
		}
	}

	return heights
}

// nameBlock are names that stand directly below each other.
type nameBlock struct {
	middle float64
	names  []int
}

func (b nameBlock) begin() float64 { return b.middle - float64(len(b.names))*lineOfText/2 }

func (b nameBlock) end() float64 { return b.middle + float64(len(b.names))*lineOfText/2 }

func (b nameBlock) with(below nameBlock) nameBlock {
	mine, its := float64(len(b.names)), float64(len(below.names))

	return nameBlock{middle: (b.middle*mine + below.middle*its) / (mine + its), names: append(b.names, below.names...)}
}

func (p panel) most() float64 {
	most := p.limit

	for _, line := range p.series {
		most = max(most, slices.Max(line.values))
	}

	return most
}

func (p panel) x(step int) float64 {
	width := float64(plotRight-plotLeft) / float64(len(p.steps))

	return plotLeft + float64(step)*width + width/2
}

func (p panel) y(value, top float64) float64 {
	return plotBottom - value/top*float64(plotBottom-plotTop)
}

// scaleOf gives the distance of an axis' ticks, of 1, 2 or 5 times a power of ten, and its end, which is a tick.
func scaleOf(most float64) (step, top float64) {
	if most <= 0 {
		return 1, 1
	}

	most *= headroom
	power := math.Pow(10, math.Floor(math.Log10(most/mostTicks))) //nolint:mnd // powers of ten.

	for _, factor := range []float64{1, 2, 5, 10} {
		step = factor * power
		if most/step <= mostTicks {
			break
		}
	}

	return step, math.Ceil(most/step) * step
}

// number is a value as people read it: with a decimal where it is small.
func number(value float64) string {
	const small = 10

	if value < small && value != math.Trunc(value) {
		return fmt.Sprintf("%.1f", value)
	}

	return fmt.Sprintf("%.0f", value)
}

func text(svg *bytes.Buffer, class, anchor string, x, y float64, content string) {
	fmt.Fprintf(svg, "<text class=\"%s\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", class, anchor, x, y, inXML(content))
}

func inXML(content string) string {
	var escaped bytes.Buffer

	_ = xml.EscapeText(&escaped, []byte(content)) // a buffer takes everything

	return escaped.String()
}
