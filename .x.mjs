import 'technicalindicators'
