import { render } from 'preact'
import { App } from './app.tsx'
import './styles/base.css'
import './styles/frame.css'
import './styles/line.css'
import './styles/attention.css'
import './styles/cards.css'
import './styles/tree.css'
import './styles/machine.css'
import './styles/timeline.css'
import './styles/files.css'
import './styles/charts.css'
import './styles/operate.css'

const page = document.getElementById('page')
if (page === null) throw new Error('index.html has no element #page')
render(<App />, page)
