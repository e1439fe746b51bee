module heijunka

go 1.24
