import 'bootstrap-italia/dist/plugins/init.js'
import 'htmx.org/dist/htmx.esm.js'
import './styles/main.scss'
import { checkFiles } from './check-file.js'
import { guardForms } from './guard-forms.js'
import { keepPlace } from './keep-place.js'

checkFiles(document)
guardForms(document)
keepPlace(document)
